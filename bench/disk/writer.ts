// Appends records at a fixed rate to a log that flushes them (durability "disk"), and measures how long
// each takes from append to durable; or what the disk takes for the same without a log. Forked; told
// the job, answers with what it saw.
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { loadOrCreateKeys, openLog, resolveExporterOptions } from '@tokentrail/exporter'
import { buildRequests } from '../request-record.ts'

/** One round. */
export interface DiskJob {
  readonly records: number
  readonly perSecond: number
}

/** What a round saw, in milliseconds. */
export interface DiskUsage {
  /** From before `append` until the record survives a power cut. */
  readonly p50: number
  readonly p99: number
  readonly longest: number
  /** The same of one `write` and `fdatasync` of a record alone, one after the other. */
  readonly bareP50: number
  readonly bareP99: number
  /** Records a second that came about. */
  readonly perSecond: number
  /** Records that nothing was to be waited for, or that the log counts as lost. */
  readonly unsettled: number
}

const BARE_FLUSHES = 200
const TICK_MILLIS = 1
const RECORD_BYTES = 2_200

const settings = resolveExporterOptions({ durability: 'disk' }, process.env)
const log = openLog({ settings, keys: loadOrCreateKeys(settings), recorderVersion: '0.1.0' })
const samples = buildRequests(500, 1)

function measureBare(): readonly number[] {
  const descriptor = openSync(join(settings.directory, 'bare'), 'w')
  const bytes = Buffer.alloc(RECORD_BYTES, 'x')
  try {
    return Array.from({ length: BARE_FLUSHES }, () => {
      const start = performance.now()
      writeSync(descriptor, bytes)
      fdatasyncSync(descriptor)
      return performance.now() - start
    })
  } finally {
    closeSync(descriptor)
  }
}

async function emit({ perSecond, records }: DiskJob): Promise<DiskUsage> {
  const bare = measureBare()
  const millis: number[] = []
  const waits: Promise<void>[] = []
  const lostBefore = log.state().lost
  const start = performance.now()
  let unsettled = 0
  let emitted = 0
  const appendOne = (): void => {
    const sample = samples[emitted++ % samples.length]
    if (sample === undefined) return
    const { attributes, session, span, trace, type } = sample
    const at = performance.now()
    log.append({
      type,
      time: String(BigInt(Date.now()) * 1_000_000n),
      session,
      trace,
      span,
      attributes,
    })
    const settled = log.settled()
    if (settled === undefined) unsettled += 1
    else waits.push(settled.then(() => void millis.push(performance.now() - at)))
  }
  await new Promise<void>((resolve) => {
    const tick = setInterval(() => {
      const due = Math.min(records, ((performance.now() - start) / 1000) * perSecond)
      for (let index = emitted; index < due; index += 1) appendOne()
      if (emitted < records) return
      clearInterval(tick)
      resolve()
    }, TICK_MILLIS)
  })
  await Promise.all(waits)
  return {
    p50: quantile(millis, 0.5),
    p99: quantile(millis, 0.99),
    longest: quantile(millis, 1),
    bareP50: quantile(bare, 0.5),
    bareP99: quantile(bare, 0.99),
    perSecond: records / ((performance.now() - start) / 1000),
    unsettled: unsettled + log.state().lost - lostBefore,
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

process.on('message', (job: DiskJob) => {
  void emit(job).then((usage) => process.send?.(usage))
})
process.on('disconnect', () => {
  void log.shutdown().finally(() => process.exit())
})
process.send?.({ ready: true })
