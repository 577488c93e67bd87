import { nodeDisk } from '../../src/disk/node-disk.ts'
import type { ProcessLogOptions } from '../../src/log/process-log.ts'
import { nodeScheduler } from '../../src/scheduler.ts'
import { temporaryFolder } from './folder.ts'
import { LOG } from './journal-bytes.ts'

/** Options of a log in a folder of its own, on this machine's disk, that tells nobody anything. */
export function processLogOptions(): Omit<ProcessLogOptions, 'clock'> {
  return {
    disk: nodeDisk,
    slotDirectory: temporaryFolder(),
    uuid: LOG,
    origin: `orders/0/${LOG}`,
    envelope: '{}',
    pseudonymKey: 'key.1',
    segmentBytes: 64 * 1024 * 1024,
    takeLock: () => ({ release: () => undefined }),
    onCommit: () => undefined,
    onSyncFailure: () => undefined,
    onFault: (error) => {
      throw error
    },
    onSyncLate: () => undefined,
    reserveBytes: 0,
    opensReserve: false,
    onReserveUsed: () => undefined,
    durability: 'process',
    maxWaitMillis: 1000,
    scheduler: nodeScheduler,
    onCheckpoint: () => undefined,
  }
}
