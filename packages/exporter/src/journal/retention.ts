import type { Disk } from '../disk/disk.ts'
import type { Position } from './cursor.ts'
import { listSegments, segmentPath } from './layout.ts'

/** How long and how much of what was delivered stays. */
export interface RetentionLimits {
  readonly retainMillis: number
  readonly retainBytes: number
}

/** A delivered segment. */
export interface DeliveredSegment {
  readonly path: string
  readonly bytes: number
  /** When it was last written to, in milliseconds since 1970. */
  readonly modifiedMillis: number
}

/** Lists the segments of a log that lie wholly before the cursor, oldest first. */
export function listDelivered(
  disk: Disk,
  directory: string,
  cursor: Position | undefined,
): DeliveredSegment[] {
  const passed = listSegments(disk, directory).filter((first) => first < (cursor?.segment ?? 0))
  return passed.flatMap((first) => {
    const path = segmentPath(directory, first)
    const found = disk.stat(path)
    return found ? [{ path, bytes: found.size, modifiedMillis: found.modifiedMillis }] : []
  })
}

/**
 * Chooses what may go: whatever is older than the limit, and the oldest of the rest while it is
 * more than the limit. A receiver's 200 is not storage, so delivered segments stay for a while.
 *
 * @param segments - Oldest first.
 */
export function chooseExpired(
  segments: readonly DeliveredSegment[],
  limits: RetentionLimits,
  nowMillis: number,
): DeliveredSegment[] {
  let bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0)
  return segments.filter((segment) => {
    const isOld = nowMillis - segment.modifiedMillis > limits.retainMillis
    if (!isOld && bytes <= limits.retainBytes) return false
    bytes -= segment.bytes
    return true
  })
}
