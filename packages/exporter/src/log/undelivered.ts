import type { Disk } from '../disk/disk.ts'
import type { Position } from '../journal/cursor.ts'
import { listSegments, segmentPath } from '../journal/layout.ts'

/** Counts the bytes of a log that were not delivered yet, frames and segment heads. */
export function countUndelivered(
  disk: Disk,
  directory: string,
  committed: Position | undefined,
  delivered: Position | undefined,
): number {
  if (!committed) return 0
  if (delivered?.segment === committed.segment) {
    return Math.max(0, committed.offset - delivered.offset)
  }
  const from = delivered ?? { segment: 0, offset: 0 }
  const between = listSegments(disk, directory).filter(
    (first) => first >= from.segment && first < committed.segment,
  )
  const sizes = between.map((first) => disk.stat(segmentPath(directory, first))?.size ?? 0)
  return sizes.reduce((sum, size) => sum + size, committed.offset - from.offset)
}
