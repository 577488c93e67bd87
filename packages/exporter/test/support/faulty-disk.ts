import { nodeDisk } from '../../src/disk/node-disk.ts'
import type { Disk } from '../../src/disk/disk.ts'

/** A disk that does as it is told, and otherwise what this machine's does. */
export interface FaultyDisk extends Disk {
  /** Bytes that may still be written; then `ENOSPC`, after a short count, as Linux does it. */
  room: number
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
    maxWrite: Infinity,
    syncError: undefined,
    isHolding: false,
    flushes: [],
    release: () => held.shift()?.(),
    write(descriptor, source, offset, length, position) {
      if (disk.room <= 0) throw systemError('ENOSPC')
      const taken = Math.min(length, disk.room, disk.maxWrite)
      disk.room -= taken
      return nodeDisk.write(descriptor, source, offset, taken, position)
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
