import { join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { systemErrorCode } from '../errors.ts'
import { finishErasures } from '../erase/erasure-note.ts'
import { type Position, readCursor } from '../journal/cursor.ts'
import { listLogs, listSegments, logPaths } from '../journal/layout.ts'
import type { Lock } from '../journal/lock.ts'
import { type RecoveredLog, recoverLog } from '../journal/recovery.ts'

/** A dead log of the slot that this process now owns. */
export interface AdoptedLog {
  readonly uuid: string
  readonly directory: string
  readonly lock: Lock
  readonly recovered: RecoveredLog
  readonly isDelivered: boolean
}

export interface AdoptionOptions {
  readonly disk: Disk
  readonly slotDirectory: string
  /** Uuid of the log that adopts. */
  readonly self: string
  readonly takeLock: (path: string) => Lock | undefined
  /** Told of a log that could not be read; the others are adopted all the same. */
  readonly onFailure: (directory: string, code: string) => void
}

/**
 * Takes over the logs that dead processes of this slot left, oldest first: those whose lock can be
 * had, which had a record. Of several starters one gets the lock. The caller releases each.
 */
export function adoptDeadLogs(options: AdoptionOptions): AdoptedLog[] {
  return tryListLogs(options)
    .filter((uuid) => uuid !== options.self)
    .map((uuid) => tryAdopt(options, uuid))
    .filter((adopted) => adopted !== undefined)
}

/**
 * Gives back the room that dead logs of a slot had kept in reserve: on a full disk it is the only
 * one for a new log. Whatever is in the way stays.
 */
export function freeReserves(
  disk: Disk,
  slotDirectory: string,
  takeLock: (path: string) => Lock | undefined,
): void {
  for (const uuid of listLogs(disk, slotDirectory)) {
    const paths = logPaths(join(slotDirectory, uuid))
    try {
      if (!disk.stat(paths.reserve)) continue
      const lock = takeLock(paths.lock)
      if (lock) disk.remove(paths.reserve)
      lock?.release()
    } catch {
      // The next one may do.
    }
  }
}

function tryListLogs({ disk, slotDirectory, onFailure }: AdoptionOptions): string[] {
  try {
    return listLogs(disk, slotDirectory)
  } catch (error) {
    onFailure(slotDirectory, systemErrorCode(error) ?? 'unknown error')
    return []
  }
}

function tryAdopt(options: AdoptionOptions, uuid: string): AdoptedLog | undefined {
  const { disk, slotDirectory, takeLock, onFailure } = options
  const paths = logPaths(join(slotDirectory, uuid))
  let lock: Lock | undefined
  try {
    // Without a segment nothing was ever appended, or a starter has not come so far yet.
    if (listSegments(disk, paths.directory).length === 0) return undefined
    lock = takeLock(paths.lock)
    if (!lock) return undefined
    // What its process kept room for was said or never will be.
    if (disk.stat(paths.reserve)) disk.remove(paths.reserve)
    finishErasures(disk, paths.directory)
    const recovered = recoverLog(disk, paths.directory)
    if (recovered) {
      const isDelivered = isAt(readCursor(disk, paths.cursor), recovered.position)
      return { uuid, directory: paths.directory, lock, recovered, isDelivered }
    }
  } catch (error) {
    onFailure(paths.directory, systemErrorCode(error) ?? 'unknown error')
  }
  lock?.release()
  return undefined
}

function isAt(cursor: Position | undefined, end: Position): boolean {
  return cursor?.segment === end.segment && cursor.offset === end.offset
}
