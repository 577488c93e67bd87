import type { DeliveryComparison, DeliveryResult } from '../delivery/compare.ts'
import type { DiskComparison } from '../disk/compare.ts'
import type { FloodComparison } from '../flood/compare.ts'
import type { Spread } from '../measure.ts'
import type { RequestComparison } from '../requests/compare.ts'
import type { Rows } from '../table.ts'
import { type VerificationResult, WORKS } from '../verification/compare.ts'
import type { WireResult } from './results.ts'

const MIB = 1024 * 1024

/** Middle and quartiles: `41 (38–47)`. */
export function formatSpread({ high, low, middle }: Spread, digits = 0, unit = 1): string {
  const [shown, from, to] = [middle, low, high].map((value) => (value / unit).toFixed(digits))
  return `${shown} (${from}–${to})`
}

/** What one request costs, one contestant a row. */
export function requestRows({ results }: RequestComparison): Rows {
  const head = [
    'server',
    'main µs',
    'added',
    'process µs',
    'added',
    'p50 ms',
    'p99 ms',
    'p99 added',
    'memory MiB',
    'added',
    'lost',
  ]
  const rows = results.map(({ answered, contestant, delivered, main, memory, ...rest }) => {
    const isBare = contestant === 'bare'
    return [
      contestant,
      main.all.middle.toFixed(0),
      isBare ? '' : formatSpread(main.added),
      rest.process.all.middle.toFixed(0),
      isBare ? '' : formatSpread(rest.process.added),
      rest.p50.all.middle.toFixed(2),
      rest.p99.all.middle.toFixed(2),
      isBare ? '' : formatSpread(rest.p99.added, 2),
      (memory.all.middle / MIB).toFixed(0),
      isBare ? '' : formatSpread(memory.added, 0, MIB),
      isBare ? '' : `${answered - delivered} of ${answered}`,
    ]
  })
  return [head, ...rows]
}

/** Both pipelines, with and without compression. */
export function deliveryRows(comparisons: readonly DeliveryComparison[]): Rows {
  const head = ['per record', ...comparisons.flatMap(({ compression }) => columnsOf(compression))]
  const row = (
    name: string,
    pick: (result: DeliveryResult) => number | undefined,
    digits = 1,
  ): string[] => [
    name,
    ...comparisons.flatMap((comparison) =>
      shownOf(comparison).map((result) => pick(result)?.toFixed(digits) ?? ''),
    ),
  ]
  return [
    head,
    row('main thread, handing over, µs', ({ emitMicros }) => emitMicros),
    row('main thread, all, µs', ({ mainMicros }) => mainMicros),
    row('delivery thread, µs', ({ threadMicros }) => threadMicros),
    row('beside the main thread, µs', (result) => result.processMicros - result.mainMicros),
    row('whole process, µs', ({ processMicros }) => processMicros),
    row('bytes on the wire', ({ emitted, received }) => received.bytes / emitted, 0),
    row('records a second', ({ perSecond }) => perSecond, 0),
    row('lost', ({ emitted, received }) => emitted - received.requests, 0),
  ]
}

/** Beside `zstd` stock has sent gzip, which is in the table already. */
function shownOf({ compression, recorded, stock }: DeliveryComparison): readonly DeliveryResult[] {
  return compression === 'zstd' ? [recorded] : [recorded, stock]
}

function columnsOf(compression: DeliveryComparison['compression']): readonly string[] {
  if (compression === 'zstd') return ['recorded, zstd']
  return compression === 'gzip' ? ['recorded, gzip', 'stock, gzip'] : ['recorded', 'stock']
}

/** Bytes per record after compression. */
export function wireRows(results: readonly WireResult[]): Rows {
  return [
    ['bytes per record', ...results.map(({ codec }) => codec)],
    ['recorded', ...results.map(({ recorded }) => recorded.total.toFixed(0))],
    ['integrity share of it', ...results.map(({ recorded }) => recorded.integrity.toFixed(0))],
    ['stock', ...results.map(({ stock }) => stock.total.toFixed(0))],
  ]
}

/** Offline verification. */
export function verificationRows(results: readonly VerificationResult[]): Rows {
  const head = ['work', 'µs CPU a record', 'a second of CPU', 'a second', 'most RSS MiB']
  const rows = results.map(({ cpuSeconds, maxRss, records, seconds, work }) => [
    WORKS[work],
    ((cpuSeconds * 1e6) / records).toFixed(1),
    (records / cpuSeconds).toFixed(0),
    (records / seconds).toFixed(0),
    (maxRss / MIB).toFixed(0),
  ])
  return [head, ...rows]
}

/** How long records take from append to durable, in milliseconds. */
export function diskRows(disk: DiskComparison): Rows {
  return [
    ['', 'p50 ms', 'p99 ms', 'longest ms', 'a second', 'not waited for'],
    [
      'append to durable',
      formatSpread(disk.p50, 2),
      formatSpread(disk.p99, 2),
      formatSpread(disk.longest, 1),
      disk.perSecond.middle.toFixed(0),
      `${disk.unsettled} of ${disk.records}`,
    ],
    [
      'write and fdatasync alone',
      formatSpread(disk.bareP50, 2),
      formatSpread(disk.bareP99, 2),
      '',
      '',
      '',
    ],
  ]
}

/** What a flood did to each server. */
export function floodRows({ results }: FloodComparison): Rows {
  const head = [
    'server',
    'main µs',
    'process µs',
    'users’ p50 ms',
    'users’ p99 ms',
    'p99 added',
    'longest ms',
    'without a core',
    'refused',
    'records',
    'counted',
    'in records',
    'users recorded',
    'journal MiB',
  ]
  const rows = results.map(({ flooded, rejections, ...result }) => {
    const isBare = flooded === 'bare'
    return [
      flooded,
      formatSpread(result.main),
      formatSpread(result.process),
      result.p50.middle.toFixed(2),
      formatSpread(result.p99, 1),
      isBare ? '' : formatSpread(result.p99Added, 1),
      formatSpread(result.longest),
      `${(100 * result.waited).toFixed(0)} %`,
      String(result.refused),
      isBare ? '' : String(rejections.records),
      isBare ? '' : String(rejections.counted),
      isBare ? '' : String(rejections.aggregates),
      isBare ? '' : `${rejections.accepted} of ${result.served}`,
      isBare ? '' : (result.journalBytes / MIB).toFixed(1),
    ]
  })
  return [head, ...rows]
}
