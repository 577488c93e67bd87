import type { Disk } from '../../src/disk/disk.ts'
import { nodeDisk } from '../../src/disk/node-disk.ts'
import type { LogEnd } from '../../src/journal/end.ts'
import { ProcessLog } from '../../src/log/process-log.ts'
import { requestDraft } from './open.ts'
import { processLogOptions } from './process-log-options.ts'

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
  let nanos = 1_795_470_000_000_000_000n
  const log = new ProcessLog({
    ...processLogOptions(),
    disk,
    clock: { unixNanos: () => (nanos += 1_000_000_000n) },
    segmentBytes,
    durability: disk === nodeDisk ? 'process' : 'disk',
  })
  for (let number = 0; number < records; number++) {
    log.append(requestDraft(number))
    if (number % checkpointEvery === checkpointEvery - 1) log.checkpoint()
  }
  const { size, head } = log
  return { log, size, head, directory: log.paths.directory }
}
