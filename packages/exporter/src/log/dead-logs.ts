import { join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { listSegments, logPaths } from '../journal/layout.ts'
import { type RetentionLimits, chooseExpired, listDelivered } from '../journal/retention.ts'
import { isUnflushedNote } from '../journal/unflushed.ts'
import type { AdoptedLog } from './adoption.ts'

/** Beyond any segment: everything of the log was delivered. */
const EVERYTHING = { segment: Number.MAX_SAFE_INTEGER, offset: 0 }

/**
 * Removes expired segments of dead logs that were delivered and whose end somebody has spoken for,
 * and then the directories in which nothing is left to keep. The caller holds their locks and gives
 * them up here.
 *
 * @param logs - Oldest first.
 */
export function releaseFinished(
  disk: Disk,
  logs: readonly AdoptedLog[],
  limits: RetentionLimits,
  nowMillis: number,
): void {
  const segments = logs.flatMap((log) => listDelivered(disk, log.directory, EVERYTHING))
  for (const segment of chooseExpired(segments, limits, nowMillis)) disk.remove(segment.path)
  for (const log of logs) {
    const isEmpty = listSegments(disk, log.directory).length === 0
    log.lock.release()
    if (isEmpty) removeIfBare(disk, log.directory)
  }
}

/** Parked, damaged and torn bytes were delivered to nobody: with them the directory stays. */
export function removeIfBare(disk: Disk, directory: string): void {
  const { lock, cursor, envelope, end, registered, reserve } = logPaths(directory)
  const own = [cursor, envelope, registered, end, reserve, lock]
  const names = disk.list(directory).map((name) => join(directory, name))
  const isOwn = (name: string): boolean => own.includes(name) || isUnflushedNote(name)
  if (!names.every(isOwn)) return
  for (const path of [...names.filter(isUnflushedNote), ...own]) {
    if (disk.stat(path)) disk.remove(path)
  }
  disk.removeDirectory(directory)
}
