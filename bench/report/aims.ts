import type { DeliveryComparison } from '../delivery/compare.ts'
import type { DiskComparison } from '../disk/compare.ts'
import type { Spread } from '../measure.ts'
import type { Figure, RequestComparison, RequestResult } from '../requests/compare.ts'
import type { Rows } from '../table.ts'
import type { VerificationComparison } from '../verification/compare.ts'
import type { Results, WireResult } from './results.ts'
import { formatSpread } from './tables.ts'

const MIB = 1024 * 1024
const MAX_P99_MILLIS = 0.2
const MAX_DURABLE_MILLIS = 10
const VERIFIED_PER_SECOND = 250_000

/** What was aimed at, what the last run gave, and whether that is it. */
export function aimRows({ delivery, disk, requests, verification }: Results): Rows {
  return [
    ['aim', 'here', ''],
    ...(requests === undefined ? [] : requestAims(requests)),
    ...(delivery === undefined ? [] : deliveryAims(delivery.comparisons)),
    ...(delivery === undefined ? [] : wireAims(delivery.wire)),
    ...(disk === undefined ? [] : [diskAim(disk)]),
    ...(verification === undefined ? [] : verificationAims(verification)),
  ]
}

type Verdict = 'met' | 'missed' | 'cannot be told'

function aim(what: string, here: string, verdict: boolean | Verdict): readonly string[] {
  return [what, here, typeof verdict === 'string' ? verdict : verdict ? 'met' : 'missed']
}

/** Where the middle halves of the values overlap, another run would as well say the contrary. */
function judgeBelow({ high, low }: Spread, limit: Pick<Spread, 'low' | 'high'>): Verdict {
  if (high <= limit.low) return 'met'
  return low > limit.high ? 'missed' : 'cannot be told'
}

function requestAims({ results }: RequestComparison): Rows {
  const find = (name: RequestResult['contestant']): RequestResult | undefined =>
    results.find(({ contestant }) => contestant === name)
  const [recording, tracing, stock] = [find('recording'), find('tracing'), find('stock log')]
  if (!recording || !tracing || !stock) return []
  const added = ({ added: { middle } }: Figure): number => middle
  const share = added(recording.main) / added(tracing.main)
  const lost = recording.answered - recording.delivered
  return [
    aim(
      'CPU of the main thread: a sixth of what tracing adds',
      `${share.toFixed(2)} of it: ${formatSpread(recording.main.added)} of ${formatSpread(tracing.main.added)} µs`,
      share <= 1 / 6,
    ),
    aim(
      'CPU of the process: below a stock log record',
      `${formatSpread(recording.process.added)} to ${formatSpread(stock.process.added)} µs`,
      judgeBelow(recording.process.added, stock.process.added),
    ),
    aim(
      `p99 added: at most ${MAX_P99_MILLIS} ms`,
      `${formatSpread(recording.p99.added, 2)} ms`,
      judgeBelow(recording.p99.added, { low: MAX_P99_MILLIS, high: MAX_P99_MILLIS }),
    ),
    aim(
      'memory added: below a stock log record',
      `${formatSpread(recording.memory.added, 0, MIB)} to ${formatSpread(stock.memory.added, 0, MIB)} MiB`,
      judgeBelow(recording.memory.added, stock.memory.added),
    ),
    aim('nothing lost', `${lost} of ${recording.answered}`, lost === 0),
  ]
}

function diskAim({ p99, perSecond }: DiskComparison): readonly string[] {
  return aim(
    `durable within ${MAX_DURABLE_MILLIS} ms at ${perSecond.middle.toFixed(0)} records a second (p99)`,
    `${formatSpread(p99, 1)} ms`,
    judgeBelow(p99, { low: MAX_DURABLE_MILLIS, high: MAX_DURABLE_MILLIS }),
  )
}

const HOW = { none: '', gzip: ', both in gzip', zstd: ', ours in zstd, stock in gzip' } as const

function deliveryAims(comparisons: readonly DeliveryComparison[]): Rows {
  return comparisons.map(({ compression, recorded, stock }) => {
    const share = (recorded.threadMicros ?? Number.NaN) / stock.processMicros
    const what = `CPU of delivery: a third of the stock pipeline${HOW[compression]}`
    return aim(what, `${share.toFixed(2)} of it`, share <= 1 / 3)
  })
}

/** By the clock, as whoever waits for it counts; and what one core alone could do. */
function verificationAims({ results }: VerificationComparison): Rows {
  const inThreads = results.find(({ work }) => work === 'threads')
  if (inThreads === undefined) return []
  const { cpuSeconds, maxRss, records, seconds } = inThreads
  const rate = (time: number): number => records / time
  return [
    aim(
      `verification of ${records} records: ${VERIFIED_PER_SECOND} a second`,
      rate(seconds).toFixed(0),
      rate(seconds) >= VERIFIED_PER_SECOND,
    ),
    aim(
      'the same, a second of CPU',
      rate(cpuSeconds).toFixed(0),
      rate(cpuSeconds) >= VERIFIED_PER_SECOND,
    ),
    aim('the same, in less than 1 GiB', `${(maxRss / MIB).toFixed(0)} MiB`, maxRss < 1024 * MIB),
  ]
}

/** As it is sent: in gzip by default, in zstd where that is set. */
function wireAims(results: readonly WireResult[]): Rows {
  return results
    .filter(({ codec }) => codec === 'gzip 3' || codec === 'zstd')
    .flatMap(({ codec, recorded: { integrity, total } }) => [
      aim(`at most 200 bytes a record after ${codec}`, total.toFixed(0), total <= 200),
      aim('of them at most 100 for integrity', integrity.toFixed(0), integrity <= 100),
    ])
}
