import type { Disk } from '../../src/disk/disk.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import type { LogEnd } from '../../src/journal/end.ts'
import { ProcessLog } from '../../src/log/process-log.ts'
import { nodeScheduler } from '../../src/scheduler.ts'
import { temporaryFolder } from './folder.ts'
import { LOG } from './journal-bytes.ts'
import { requestDraft } from './open.ts'

export interface DeadLog {
  readonly log: ProcessLog
  readonly size: number
  readonly head: LogEnd
  readonly directory: string
}

/** A log of some records and checkpoints, whose process died without sealing it. */
export function deadLog(
  records: number,
  checkpointEvery = 4,
  segmentBytes = 65_536,
  disk: Disk = nodeDisk,
): DeadLog {
  const slotDirectory = temporaryFolder()
  let nanos = 1_795_470_000_000_000_000n
  const log = new ProcessLog({
    disk,
    clock: { unixNanos: () => (nanos += 1_000_000_000n) },
    slotDirectory,
    uuid: LOG,
    origin: `orders/0/${LOG}`,
    envelope: '{}',
    pseudonymKey: 'key.1',
    segmentBytes,
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
    durability: disk === nodeDisk ? 'process' : 'disk',
    maxWaitMillis: 1000,
    scheduler: nodeScheduler,
    onCheckpoint: () => undefined,
  })
  for (let number = 0; number < records; number++) {
    log.append(requestDraft(number))
    if (number % checkpointEvery === checkpointEvery - 1) log.checkpoint()
  }
  const { size, head } = log
  return { log, size, head, directory: log.paths.directory }
}
