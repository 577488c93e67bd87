import type { Disk } from '../disk/disk.ts'
import { readFully } from '../disk/files.ts'
import { frameText } from './frame.ts'
import { segmentPath } from './layout.ts'
import { type Damage, scanFrames } from './scan.ts'
import { SEGMENT_HEADER_BYTES, decodeSegmentHeader } from './segment.ts'

/** A record as it stands in a segment. */
export interface StoredRecord {
  readonly index: number
  readonly text: string
}

/** What one segment file holds. */
export interface SegmentContent {
  readonly firstIndex: number
  readonly records: readonly StoredRecord[]
  readonly identities: number
  /** Runs of bytes that are no frame, a damaged head included. */
  readonly damage: readonly Damage[]
  /** What stands behind the last good frame. */
  readonly tail?: Damage
  readonly bytes: number
}

/** Reads a whole segment, with what of it cannot be read. */
export function readSegment(disk: Disk, logDirectory: string, firstIndex: number): SegmentContent {
  const buffer = readFully(disk, segmentPath(logDirectory, firstIndex))
  const records: StoredRecord[] = []
  const damage: Damage[] = []
  let identities = 0
  let tail: Damage | undefined
  const head = decodeSegmentHeader(buffer)
  if (head?.firstIndex !== firstIndex) {
    damage.push({ offset: 0, length: Math.min(SEGMENT_HEADER_BYTES, buffer.length) })
  }
  for (const found of scanFrames(buffer, SEGMENT_HEADER_BYTES, firstIndex)) {
    if (found.type === 'damage') damage.push(found.damage)
    else if (found.type === 'tail') tail = found.damage
    else if (found.frame.kind === 'identity') identities++
    else if (found.frame.kind === 'record') {
      records.push({ index: found.frame.index, text: frameText(buffer, found.frame) })
    }
  }
  const content = { firstIndex, records, identities, damage, bytes: buffer.length }
  return tail ? { ...content, tail } : content
}

/**
 * Tells whether everything that may have stood behind the last good frame of a segment stands in
 * the next one: after a failed flush it was written there again.
 */
export function isCopied(
  content: SegmentContent,
  next: Pick<SegmentContent, 'firstIndex'>,
): boolean {
  const last = content.records.at(-1)?.index ?? content.firstIndex - 1
  return next.firstIndex <= last + 1
}
