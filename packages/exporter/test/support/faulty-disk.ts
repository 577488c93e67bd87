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
}

function systemError(code: string): Error {
  return Object.assign(new Error(code), { code })
}

export function createFaultyDisk(): FaultyDisk {
  const disk: FaultyDisk = {
    ...nodeDisk,
    room: Infinity,
    maxWrite: Infinity,
    syncError: undefined,
    write(descriptor, source, offset, length, position) {
      if (disk.room <= 0) throw systemError('ENOSPC')
      const taken = Math.min(length, disk.room, disk.maxWrite)
      disk.room -= taken
      return nodeDisk.write(descriptor, source, offset, taken, position)
    },
    syncDataLater(descriptor, synced) {
      const { syncError } = disk
      if (syncError === undefined) nodeDisk.syncDataLater(descriptor, synced)
      else setImmediate(() => synced(systemError(syncError)))
    },
  }
  return disk
}
