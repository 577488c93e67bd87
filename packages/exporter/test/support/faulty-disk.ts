import { nodeDisk } from '../../src/disk/node-disk.ts'
import type { Disk } from '../../src/disk/disk.ts'

/** A disk that does as it is told, and otherwise what this machine's does. */
export interface FaultyDisk extends Disk {
  /**
   * Bytes by which files may still grow; then `ENOSPC`, after a short count, as Linux does it. What
   * is cut off or removed is room again.
   */
  room: number
  /** Code of the error that every `write` ends with. */
  writeError: string | undefined
  /** Size beyond which no file grows: `EFBIG`, after a short count, as under `ulimit -f`. */
  maxFile: number
  /** Most bytes that one `write` takes. */
  maxWrite: number
  /** Code of the error that the next flushes end with. */
  syncError: string | undefined
  /** Whether flushes wait for {@link release}. */
  isHolding: boolean
  /** Flushes that were asked for: descriptors of files, paths of directories. */
  readonly flushes: (number | string)[]
  /** Ends the oldest flush that is waiting. */
  release(): void
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

export function createFaultyDisk(): FaultyDisk {
  const held: (() => void)[] = []
  const flush = (synced: (error: Error | null) => void, really: () => void): void => {
    const { syncError } = disk
    const end = syncError === undefined ? really : () => synced(systemError(syncError))
    if (disk.isHolding) held.push(end)
    else if (syncError === undefined) really()
    else setImmediate(end)
  }
  const disk: FaultyDisk = {
    ...nodeDisk,
    room: Infinity,
    writeError: undefined,
    maxFile: Infinity,
    maxWrite: Infinity,
    syncError: undefined,
    isHolding: false,
    flushes: [],
    release: () => held.shift()?.(),
    write(descriptor, source, offset, length, position) {
      if (disk.writeError !== undefined) throw systemError(disk.writeError)
      const { size } = nodeDisk.fileStat(descriptor)
      const room = Math.max(0, size - position) + disk.room
      if (room <= 0) throw systemError('ENOSPC')
      if (position >= disk.maxFile) throw systemError('EFBIG')
      const taken = Math.min(length, room, disk.maxWrite, disk.maxFile - position)
      disk.room -= Math.max(0, position + taken - size)
      return nodeDisk.write(descriptor, source, offset, taken, position)
    },
    freeBytes: () => disk.room,
    truncate(descriptor, length) {
      disk.room += nodeDisk.fileStat(descriptor).size - length
      nodeDisk.truncate(descriptor, length)
    },
    remove(path) {
      disk.room += nodeDisk.stat(path)?.size ?? 0
      nodeDisk.remove(path)
    },
    syncDataLater(descriptor, synced) {
      disk.flushes.push(descriptor)
      flush(synced, () => nodeDisk.syncDataLater(descriptor, synced))
    },
    syncDirectoryLater(path, synced) {
      disk.flushes.push(path)
      flush(synced, () => nodeDisk.syncDirectoryLater(path, synced))
    },
  }
  return disk
}
