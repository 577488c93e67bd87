import { join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { readBytes, readFully, writeDurably } from '../disk/files.ts'
import { ExporterError } from '../errors.ts'
import type { Position } from './cursor.ts'
import { type LogEnd, formatLogEnd, parseLogEnd } from './end.ts'
import { listSegments, logPaths, segmentPath } from './layout.ts'
import { type StoredRecord, type SegmentContent, isCopied, readSegment } from './log-reader.ts'
import { type DeadTail, rebuildEnd } from './rebuild.ts'
import type { JournalDamage } from './quarantine.ts'
import { SEGMENT_HEADER_BYTES, formatSegmentName } from './segment.ts'

/** What is known of a log whose process is dead. */
export interface RecoveredLog {
  /** Where its journal ends, its torn tail cut off. */
  readonly position: Position
  /** `undefined` when its records do not reach back to a known tree. */
  readonly end?: LogEnd
  readonly origin?: string
  /** What of it the log has not signed itself. */
  readonly tail?: DeadTail
  /** Whether somebody, the log itself included, has spoken for its end already. */
  readonly settled: boolean
  readonly damage: readonly JournalDamage[]
}

/**
 * Makes sense of a dead log's directory, whose lock the caller holds. A torn write at the very end
 * is copied to `<segment>.torn` and cut off. Only as many segments are read as the tree needs: the
 * last, and those before it up to a checkpoint with a frontier; the others are checked as they are
 * sent.
 *
 * @returns `undefined` when the log never had a record.
 * @throws {ExporterError} `ERR_EXPORTER_JOURNAL_UNREADABLE` when it has bytes and no record in
 *   them.
 */
export function recoverLog(disk: Disk, directory: string): RecoveredLog | undefined {
  const segments = listWholeSegments(disk, directory)
  const last = segments.at(-1)
  if (last === undefined) return undefined
  const known = readEnd(disk, directory)
  if (known)
    return { position: endOf(disk, directory, last), end: known, settled: true, damage: [] }
  flushSegments(disk, directory, segments)
  const contents = readBackwards(disk, directory, segments)
  const records = contents.flatMap((content) => content.records)
  if (records.length === 0) {
    // A process that dies in its first write leaves a torn frame behind a good head.
    if (contents.every(({ damage }) => damage.length === 0)) return undefined
    const message = `Nothing of the log ${directory} can be read.`
    throw new ExporterError('ERR_EXPORTER_JOURNAL_UNREADABLE', message)
  }
  cutTornTail(disk, directory, contents.at(-1))
  const damage = contents.flatMap((content, at) => damageOf(content, contents[at + 1]))
  const position = endOf(disk, directory, last)
  const rebuilt = rebuildEnd(records)
  if (!rebuilt) return { position, settled: false, damage }
  const { origin, sealed, size, root, lastSignedSize, tail } = rebuilt
  const end: LogEnd = { kind: sealed ? 'sealed' : 'recovered', size, root, lastSignedSize }
  if (sealed) writeDurably(disk, logPaths(directory).end, formatLogEnd(end))
  return { position, end, origin, ...(tail && { tail }), settled: sealed, damage }
}

/**
 * A process that dies between making a segment and writing its head leaves a stub, and a power cut
 * leaves one for each segment that was begun since the last flush: they are set aside.
 */
function listWholeSegments(disk: Disk, directory: string): number[] {
  removeUnfinishedRescues(disk, directory)
  const segments = listSegments(disk, directory)
  const isWhole = (first: number): boolean => sizeOf(disk, directory, first) >= SEGMENT_HEADER_BYTES
  const stubs = segments.slice(segments.findLastIndex(isWhole) + 1)
  for (const stub of stubs) {
    const path = segmentPath(directory, stub)
    disk.rename(path, `${path}.torn`)
  }
  if (stubs.length > 0) disk.syncDirectory(directory)
  return segments.slice(0, segments.length - stubs.length)
}

function sizeOf(disk: Disk, directory: string, segment: number): number {
  return disk.stat(segmentPath(directory, segment))?.size ?? 0
}

/** What a process that dies in a rescue leaves of it stands in the segment that it was made from. */
function removeUnfinishedRescues(disk: Disk, directory: string): void {
  for (const name of disk.list(directory)) {
    if (name.endsWith('.rescue')) disk.remove(join(directory, name))
  }
}

/**
 * What a killed process left may be in the kernel's memory only. It must be on disk before anybody
 * says how the log ended: a power cut must not take what that has counted. `fdatasync` of each
 * segment → `fsync(directory)`, best effort.
 */
function flushSegments(disk: Disk, directory: string, segments: readonly number[]): void {
  try {
    for (const segment of segments) {
      const descriptor = disk.open(segmentPath(directory, segment), 'update')
      try {
        disk.syncData(descriptor)
      } finally {
        disk.close(descriptor)
      }
    }
    disk.syncDirectory(directory)
  } catch {
    // What the disk refuses to flush can still be read and delivered.
  }
}

/** Reads `end.json`, if it is there and whole. */
function readEnd(disk: Disk, directory: string): LogEnd | undefined {
  const { end } = logPaths(directory)
  return disk.stat(end) ? parseLogEnd(readFully(disk, end).toString('utf8')) : undefined
}

function readBackwards(
  disk: Disk,
  directory: string,
  segments: readonly number[],
): SegmentContent[] {
  const contents: SegmentContent[] = []
  for (const firstIndex of segments.toReversed()) {
    contents.unshift(readSegment(disk, directory, firstIndex))
    const records: StoredRecord[] = contents.flatMap((content) => content.records)
    if (rebuildEnd(records)) break
  }
  return contents
}

function endOf(disk: Disk, directory: string, segment: number): Position {
  return { segment, offset: sizeOf(disk, directory, segment) }
}

function cutTornTail(disk: Disk, directory: string, content: SegmentContent | undefined): void {
  if (!content?.tail) return
  const path = segmentPath(directory, content.firstIndex)
  const { offset, length } = content.tail
  const descriptor = disk.open(path, 'update')
  try {
    writeDurably(disk, `${path}.torn`, readBytes(disk, descriptor, offset, length))
    disk.truncate(descriptor, offset)
    disk.syncData(descriptor)
  } finally {
    disk.close(descriptor)
  }
}

/**
 * Behind the last frame of a segment that is not the last, too, bytes are missing or wrong; unless
 * its flush failed, and what stood there was written again to the next one.
 */
function damageOf(content: SegmentContent, next: SegmentContent | undefined): JournalDamage[] {
  const segment = formatSegmentName(content.firstIndex)
  const damage = content.damage.map((found) => ({ ...found, segment }))
  if (!content.tail || !next || isCopied(content, next)) return damage
  return [...damage, { ...content.tail, segment }]
}
