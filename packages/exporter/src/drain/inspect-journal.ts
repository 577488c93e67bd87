import { basename, dirname } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { nodeDisk } from '../disk/node-disk.ts'
import { listJournalLogs } from '../erase/journal-logs.ts'
import { type Position, readCursor } from '../journal/cursor.ts'
import { decodePathPart, listSegments, logPaths, segmentPath } from '../journal/layout.ts'
import { type Lock, tryLock } from '../journal/lock.ts'
import { countUndelivered } from '../log/undelivered.ts'

/** One log of a journal, as it stands. */
export interface JournalLogState {
  readonly directory: string
  readonly service: string
  readonly slot: string
  readonly uuid: string
  /** Whether a living process holds its lock: that process delivers it. */
  readonly isAlive: boolean
  /** Whether its end is known: sealed by itself, or named by a successor. */
  readonly isSettled: boolean
  /** How far it was delivered; `undefined` when nothing was. */
  readonly delivered: Position | undefined
  readonly undeliveredBytes: number
}

export interface InspectJournalOptions {
  /** Default is the disk of this machine. */
  readonly disk?: Disk
  /** Default is the lock of the operating system. */
  readonly takeLock?: (path: string) => Lock | undefined
}

/**
 * Lists the logs of every service and slot in a folder that have ever had a record, or that a
 * registry may know without one, oldest first within a slot. Changes nothing; a lock is held for
 * the moment in which it is tried.
 *
 * @param directory - `TOKENTRAIL_DIR`.
 */
export function inspectJournal(
  directory: string,
  { disk = nodeDisk, takeLock = tryLock }: InspectJournalOptions = {},
): JournalLogState[] {
  return listJournalLogs(directory, disk)
    .filter((log) => disk.stat(log)?.isDirectory === true)
    .filter((log) => listSegments(disk, log).length > 0 || disk.stat(logPaths(log).registered))
    .map((log) => inspectLog(log, disk, takeLock))
}

function inspectLog(
  directory: string,
  disk: Disk,
  takeLock: (path: string) => Lock | undefined,
): JournalLogState {
  const paths = logPaths(directory)
  const delivered = readCursor(disk, paths.cursor)
  const last = listSegments(disk, directory).at(-1) ?? 0
  const end = { segment: last, offset: disk.stat(segmentPath(directory, last))?.size ?? 0 }
  const lock = takeLock(paths.lock)
  lock?.release()
  return {
    directory,
    service: decodePathPart(basename(dirname(dirname(directory)))),
    slot: decodePathPart(basename(dirname(directory))),
    uuid: basename(directory),
    isAlive: lock === undefined,
    isSettled: disk.stat(paths.end) !== undefined,
    delivered,
    undeliveredBytes: countUndelivered(disk, directory, end, delivered),
  }
}
