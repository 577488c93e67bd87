import { join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { makeDirectoryDurably, readFully, writeDurably } from '../disk/files.ts'
import { listLogs, listSegments, logPaths, segmentPath } from '../journal/layout.ts'
import type { Lock } from '../journal/lock.ts'
import { SEGMENT_HEADER_BYTES } from '../journal/segment.ts'
import { removeIfBare } from './dead-logs.ts'

/** A log that a registry may know of, and that has no record. */
export interface ReservedLog {
  readonly origin: string
  readonly directory: string
  readonly lock: Lock
}

/** What {@link reserveLog} and {@link findUnbegun} work with. */
export interface ReservationOptions {
  readonly disk: Disk
  readonly slotDirectory: string
  readonly takeLock: (path: string) => Lock | undefined
}

/**
 * Notes, before a registry is asked to certify a log, that it may be: should the process die before
 * record 0, the next one of the slot finds the note and says that the log never began. Sequence:
 * `[mkdir → fsync(parent)] → lock → registered as writeDurably does it`; a note whose lock is free
 * is of a dead process.
 *
 * @returns The log's lock, for whoever opens it.
 * @throws Error of the system.
 */
export function reserveLog(options: ReservationOptions, uuid: string, origin: string): Lock {
  const { disk, slotDirectory, takeLock } = options
  const paths = logPaths(join(slotDirectory, uuid))
  makeDirectoryDurably(disk, paths.directory)
  const lock = takeLock(paths.lock)
  if (!lock) throw Object.assign(new Error('locked'), { code: 'EBUSY' })
  try {
    writeDurably(disk, paths.registered, `${origin}\n`)
    return lock
  } catch (error) {
    lock.release()
    throw error
  }
}

/**
 * Finds logs that dead processes of a slot have reserved and not begun: there is a note, and no
 * segment has more than its head. Call it when dead logs were recovered, which sets aside what a
 * torn write of record 0 has left; what cannot be read at all is no sign of that, and is left
 * alone. The caller releases each.
 *
 * @param self - Uuid of the log that looks.
 */
export function findUnbegun(options: ReservationOptions, self: string): ReservedLog[] {
  const { disk, slotDirectory, takeLock } = options
  return listLogs(disk, slotDirectory).flatMap((uuid) => {
    const directory = join(slotDirectory, uuid)
    const paths = logPaths(directory)
    if (uuid === self || !disk.stat(paths.registered) || hasBegun(disk, directory)) return []
    const lock = takeLock(paths.lock)
    if (!lock) return []
    const origin = readFully(disk, paths.registered).toString('utf8').trim()
    // Whoever held the lock may have begun it since.
    if (origin.endsWith(`/${uuid}`) && !hasBegun(disk, directory)) {
      return [{ origin, directory, lock }]
    }
    lock.release()
    return []
  })
}

/** Whether a log may have had a record: a stub, or a head alone, is none. */
function hasBegun(disk: Disk, directory: string): boolean {
  return (
    disk.stat(logPaths(directory).end) !== undefined ||
    listSegments(disk, directory).some(
      (first) => (disk.stat(segmentPath(directory, first))?.size ?? 0) > SEGMENT_HEADER_BYTES,
    )
  )
}

/** Removes the note, and what else stands in the folder of a log of which it was said. */
export function forgetUnbegun(disk: Disk, { directory, lock }: ReservedLog): void {
  disk.remove(logPaths(directory).registered)
  for (const first of listSegments(disk, directory)) disk.remove(segmentPath(directory, first))
  lock.release()
  removeIfBare(disk, directory)
}
