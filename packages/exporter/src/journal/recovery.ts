import { join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { closeQuietly, readBytes, readFully, writeDurably } from '../disk/files.ts'
import { ExporterError } from '../errors.ts'
import type { Position } from './cursor.ts'
import { type LogEnd, formatLogEnd, readEnd } from './end.ts'
import { listSegments, logPaths, segmentPath } from './layout.ts'
import { listDamage } from './log-damage.ts'
import { type StoredRecord, type SegmentContent, readSegment } from './log-reader.ts'
import { type JournalDamage, isStated, listUnstated } from './quarantine.ts'
import { type DeadTail, rebuildEnd } from './rebuild.ts'
import { SEGMENT_HEADER_BYTES, parseSegmentName } from './segment.ts'
import { clearUnflushed, isUnflushed, noteUnflushed } from './unflushed.ts'

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
  /** What no signed record says yet. */
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
  const isPoisoned = (first: number): boolean => isUnflushed(disk, segmentPath(directory, first))
  if (last === undefined) return undefined
  const known = readEnd(disk, directory)
  flushSegments(disk, directory, known ? segments.filter(isPoisoned) : segments)
  if (known) {
    const damage = listUnstated(disk, directory).map((found) => locate(disk, directory, found))
    return { position: endOf(disk, directory, last), end: known, settled: true, damage }
  }
  const contents = readBackwards(disk, directory, segments)
  const records = contents.flatMap((content) => content.records)
  // A process that dies in its first write leaves a torn frame behind a good head.
  if (records.length === 0 && contents.some(({ damage }) => damage.length > 0)) {
    const message = `Nothing of the log ${directory} can be read.`
    throw new ExporterError('ERR_EXPORTER_JOURNAL_UNREADABLE', message)
  }
  cutTornTail(disk, directory, contents.at(-1))
  if (records.length === 0) return undefined
  const damage = listDamage(contents).filter((found) => !isStated(disk, directory, found))
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
 * segment → `fsync(directory)`, best effort. A segment of which a flush has failed the kernel takes
 * for clean: it is written again (sequence of `writeDurably`).
 */
function flushSegments(disk: Disk, directory: string, segments: readonly number[]): void {
  for (const segment of segments) {
    const path = segmentPath(directory, segment)
    try {
      flushSegment(disk, path)
    } catch {
      // What the disk refuses to flush can still be read and delivered; the next start tries again.
      noteUnflushed(disk, path)
    }
  }
  try {
    if (segments.length > 0) disk.syncDirectory(directory)
  } catch {
    // The names, too.
  }
}

function flushSegment(disk: Disk, path: string): void {
  if (!isUnflushed(disk, path) && tryFlush(disk, path)) return
  writeDurably(disk, path, readFully(disk, path))
  clearUnflushed(disk, path)
}

function tryFlush(disk: Disk, path: string): boolean {
  const descriptor = disk.open(path, 'update')
  try {
    disk.syncData(descriptor)
    return true
  } catch {
    return false
  } finally {
    closeQuietly(disk, descriptor)
  }
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
    closeQuietly(disk, descriptor)
  }
}

/** Which records can have stood in the place that a copy was made of. */
function locate(disk: Disk, directory: string, damage: JournalDamage): JournalDamage {
  const { segment, offset } = damage
  const first = parseSegmentName(segment) ?? 0
  const segments = listSegments(disk, directory)
  const before = segments.findLastIndex((other) => other < first)
  const around = segments.slice(Math.max(before, 0), before + 3)
  const contents = around.map((other) => readSegment(disk, directory, other))
  const isSame = (found: JournalDamage): boolean =>
    found.segment === segment && found.offset === offset
  return listDamage(contents).find(isSame) ?? damage
}
