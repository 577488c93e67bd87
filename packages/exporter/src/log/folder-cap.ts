import { join } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { readCursor, syncCursor } from '../journal/cursor.ts'
import { listLogs, listSegments, logPaths, segmentPath } from '../journal/layout.ts'
import type { Lock } from '../journal/lock.ts'
import { type DeliveredSegment, listDelivered } from '../journal/retention.ts'

export interface FolderCapOptions {
  readonly disk: Disk
  /** `TOKENTRAIL_DIR`. */
  readonly directory: string
  /** Most bytes of everything below the folder's `journal`. */
  readonly maxBytes: number
  readonly takeLock: (path: string) => Lock | undefined
}

/** This part of the cap is kept free, as long as there is something delivered that can go. */
const SLACK = 1 / 8

/**
 * Keeps the folder within its cap, whoever filled it: when less than an eighth of it is free,
 * delivered segments go, the oldest first, those of dead logs included. What was not delivered
 * stays; then it is up to the failure policy.
 */
export class FolderCap {
  readonly #options: FolderCapOptions

  constructor(options: FolderCapOptions) {
    this.#options = options
  }

  /**
   * Returns how many bytes are left below the cap, once delivered segments have made room; negative
   * beyond the cap.
   *
   * @param own - Directories of logs whose locks this process holds.
   */
  room(own: ReadonlySet<string>): number {
    const { maxBytes } = this.#options
    const room = maxBytes - this.#measure()
    const slack = maxBytes * SLACK
    return room >= slack ? room : room + this.#relieve(slack - room, own)
  }

  #measure(): number {
    return this.#logs().reduce((sum, log) => sum + this.#bytesOf(log), 0)
  }

  #bytesOf(directory: string): number {
    const { disk } = this.#options
    const sizes = disk.list(directory).map((name) => disk.stat(join(directory, name))?.size ?? 0)
    return sizes.reduce((sum, size) => sum + size, 0)
  }

  #logs(): string[] {
    const { disk, directory } = this.#options
    return folders(disk, join(directory, 'journal'))
      .flatMap((service) => folders(disk, service))
      .flatMap((slot) => listLogs(disk, slot).map((uuid) => join(slot, uuid)))
      .filter((log) => disk.stat(log)?.isDirectory)
  }

  /** Returns how many bytes were removed. */
  #relieve(wanted: number, own: ReadonlySet<string>): number {
    const segments = this.#logs().flatMap((log) =>
      this.#delivered(log, own).map((segment) => ({ ...segment, log })),
    )
    segments.sort((a, b) => a.modifiedMillis - b.modifiedMillis)
    let removed = 0
    for (const { log, path, bytes } of segments) {
      if (removed >= wanted) break
      if (this.#remove(log, path, own)) removed += bytes
    }
    return removed
  }

  #delivered(log: string, own: ReadonlySet<string>): DeliveredSegment[] {
    const { disk } = this.#options
    const { cursor, end } = logPaths(log)
    const position = readCursor(disk, cursor)
    const last = listSegments(disk, log).at(-1)
    if (position === undefined || last === undefined) return []
    const size = disk.stat(segmentPath(log, last))?.size
    const isWhole = position.segment === last && position.offset === size
    const isDead = !own.has(log) && disk.stat(end) !== undefined
    const passed = isWhole && isDead ? { segment: last + 1, offset: 0 } : position
    return listDelivered(disk, log, passed)
  }

  /** `[lock, of a dead log] → fdatasync(cursor) → unlink`: the cursor is never behind what is gone. */
  #remove(log: string, path: string, own: ReadonlySet<string>): boolean {
    const { disk, takeLock } = this.#options
    const { lock: lockPath, cursor } = logPaths(log)
    let lock: Lock | undefined
    try {
      if (!own.has(log)) {
        lock = takeLock(lockPath)
        if (lock === undefined) return false
      }
      syncCursor(disk, cursor)
      disk.remove(path)
      return true
    } catch {
      // It may be gone already; whoever is alive next tries again.
      return false
    } finally {
      lock?.release()
    }
  }
}

function folders(disk: Disk, path: string): string[] {
  if (disk.stat(path)?.isDirectory !== true) return []
  return disk
    .list(path)
    .map((name) => join(path, name))
    .filter((child) => disk.stat(child)?.isDirectory)
}
