// The whole bench: what recording costs beside what people already run, in one run, as ratios.
// Usage: npm run bench -- [--only requests,delivery,flood] [--rounds N] [--requests N] [--rate N]
//   [--records N] [--seconds N]
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Child } from './child.ts'
import { compareDelivery, type DeliveryResult } from './delivery/compare.ts'
import { measureWire } from './delivery/wire.ts'
import { compareFloods } from './flood/compare.ts'
import { compareRequests, type RequestResult } from './requests/compare.ts'
import { formatTable } from './table.ts'
import type { VerifyResult } from './verify.ts'

const SECTIONS = ['requests', 'delivery', 'flood'] as const
const MIB = 1024 * 1024

interface Settings {
  readonly sections: ReadonlySet<string>
  readonly rounds: number
  readonly requests: number
  readonly rate: number
  readonly records: number
  readonly seconds: number
}

function readSettings(): Settings {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: { only: text, rounds: text, requests: text, rate: text, records: text, seconds: text },
  })
  const sections = new Set(values.only?.split(',') ?? SECTIONS)
  const unknown = [...sections].find((name) => !SECTIONS.some((section) => section === name))
  if (unknown !== undefined) {
    throw new TypeError(`"--only" must name ${SECTIONS.join(' or ')}, not "${unknown}"`)
  }
  return {
    sections,
    rounds: wholeNumber('rounds', values.rounds, 5),
    requests: wholeNumber('requests', values.requests, 6_000),
    rate: wholeNumber('rate', values.rate, 1_000),
    records: wholeNumber('records', values.records, 20_000),
    seconds: wholeNumber('seconds', values.seconds, 60),
  }
}

function wholeNumber(name: string, value: string | undefined, byDefault: number): number {
  const number = value === undefined ? byDefault : Number(value)
  if (Number.isSafeInteger(number) && number > 0) return number
  throw new TypeError(`"--${name}" must be a whole number above 0`)
}

function checkBuilt(): void {
  const register = new URL('../packages/node/dist/register.js', import.meta.url)
  if (!existsSync(register)) throw new Error('the packages are not built; run npm run build first')
}

async function runRequests({ rounds, requests, rate }: Settings): Promise<void> {
  const results = await compareRequests({ rounds, requests, perSecond: rate })
  console.log(`\nOne request: Express, JWT verified by jose; ${requests} a round at ${rate}/s`)
  console.log(
    'CPU in µs and per request, delivery included; "added" is what the server without costs less\n',
  )
  console.log(formatRequests(results))
}

function formatRequests(results: readonly RequestResult[]): string {
  const find = (name: string): RequestResult | undefined =>
    results.find(({ contestant }) => contestant === name)
  const bare = find('bare')
  const tracing = find('tracing')
  const added = (result: RequestResult | undefined, pick: (r: RequestResult) => number): number =>
    result && bare ? pick(result) - pick(bare) : Number.NaN
  const main = ({ mainMicros }: RequestResult): number => mainMicros
  const all = ({ processMicros }: RequestResult): number => processMicros
  const ratio = (result: RequestResult, pick: (r: RequestResult) => number): string =>
    (added(result, pick) / added(tracing, pick)).toFixed(2)
  const head = [
    'server',
    'main',
    'added',
    '/ tracing',
    'process',
    'added',
    '/ tracing',
    'p50 ms',
    'p99 ms',
    'RSS MiB',
    'delivered',
  ]
  const rows = results.map((result) => [
    result.contestant,
    result.mainMicros.toFixed(0),
    added(result, main).toFixed(0),
    ratio(result, main),
    result.processMicros.toFixed(0),
    added(result, all).toFixed(0),
    ratio(result, all),
    result.p50.toFixed(2),
    result.p99.toFixed(2),
    (result.rss / MIB).toFixed(0),
    `${result.delivered} of ${result.answered}`,
  ])
  return formatTable([head, ...rows])
}

async function runDelivery(settings: Settings): Promise<void> {
  for (const compression of ['none', 'gzip'] as const) {
    const folder = await mkdtemp(join(tmpdir(), 'tokentrail-bench-'))
    try {
      const { rounds, records } = settings
      const results = await compareDelivery({ rounds, records, compression, folder })
      console.log(
        `\nDelivery: ${records} records a round as fast as they go, compression ${compression}`,
      )
      console.log('CPU in µs per record, from handing over to the 200\n')
      console.log(formatDelivery(results))
      if (compression === 'gzip') {
        await reportWire(folder)
        await reportVerify(folder)
      }
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
}

function formatDelivery(results: readonly DeliveryResult[]): string {
  const recorded = results.find(({ pipeline }) => pipeline === 'recorded')
  const stock = results.find(({ pipeline }) => pipeline === 'stock')
  if (!recorded || !stock) throw new Error('one of the two pipelines has no result')
  const row = (name: string, pick: (result: DeliveryResult) => number, digits = 1): string[] => {
    const [ours, theirs] = [pick(recorded), pick(stock)]
    return [name, ours.toFixed(digits), theirs.toFixed(digits), (ours / theirs).toFixed(2)]
  }
  return formatTable([
    ['', 'recorded', 'stock', 'recorded / stock'],
    row('main thread, handing over', ({ emitMicros }) => emitMicros),
    row('main thread, all', ({ mainMicros }) => mainMicros),
    row('whole process', ({ processMicros }) => processMicros),
    row('beside the main thread', (result) => result.processMicros - result.mainMicros),
    row('bytes on the wire', ({ received, emitted }) => received.bytes / emitted, 0),
    row('records a second', ({ perSecond }) => perSecond, 0),
    row('RSS MiB', ({ rss }) => rss / MIB, 0),
  ])
}

const GZIP_LEVELS = [1, 6] as const

async function reportWire(folder: string): Promise<void> {
  const recorded = await measureWire(join(folder, 'recorded.jsonl'), GZIP_LEVELS)
  const stock = await measureWire(join(folder, 'stock.jsonl'), GZIP_LEVELS)
  console.log('\nBytes per record after gzip; identity and token records are not among them\n')
  const rows = GZIP_LEVELS.flatMap((level) => {
    const [ours, theirs] = [recorded[level], stock[level]]
    const ratio = (ours.total / theirs.total).toFixed(2)
    return [
      [`level ${level}, all`, ours.total.toFixed(0), theirs.total.toFixed(0), ratio],
      [`level ${level}, integrity share`, ours.integrity.toFixed(0), '0', ''],
    ]
  })
  console.log(formatTable([['', 'recorded', 'stock', 'recorded / stock'], ...rows]))
}

async function reportVerify(folder: string): Promise<void> {
  const root = join(folder, 'tokentrail/keys/root.jwk.json')
  const child = new Child('verify.ts', { args: [root, join(folder, 'recorded.jsonl')] })
  const results = await child.next<VerifyResult[]>()
  await child.stop()
  console.log('\nOffline verification of that export, on one core\n')
  const rows = results.map(({ work, verdict, records, seconds, cpuSeconds, maxRss }) => [
    work,
    verdict,
    String(records),
    (records / seconds).toFixed(0),
    ((cpuSeconds * 1e6) / records).toFixed(1),
    (records / cpuSeconds).toFixed(0),
    (maxRss / MIB).toFixed(0),
  ])
  const head = [
    'work',
    'verdict',
    'records',
    'a second',
    'µs CPU each',
    'a second of CPU',
    'most RSS MiB',
  ]
  console.log(formatTable([head, ...rows]))
}

async function runFlood({ seconds }: Settings): Promise<void> {
  const results = await compareFloods({ seconds })
  console.log(
    `\nFlood: a bot gets 833 refusals a second for ${seconds} s, users send 100 requests/s`,
  )
  console.log('CPU in µs per request of both, latency of the users\n')
  const head = [
    'server',
    'main',
    'process',
    'p50 ms',
    'p99 ms',
    'refused',
    'records',
    'counted',
    'in records',
    'users recorded',
    'journal MiB',
  ]
  const rows = results.map((result) => [
    result.flooded,
    result.mainMicros.toFixed(0),
    result.processMicros.toFixed(0),
    result.p50.toFixed(2),
    result.p99.toFixed(2),
    String(result.refused),
    String(result.rejections.records),
    String(result.rejections.counted),
    String(result.rejections.aggregates),
    `${result.rejections.accepted} of ${result.served}`,
    (result.journalBytes / MIB).toFixed(1),
  ])
  console.log(formatTable([head, ...rows]))
}

async function main(): Promise<void> {
  const settings = readSettings()
  checkBuilt()
  const load = loadavg()[0]?.toFixed(1)
  const machine = `Node ${process.versions.node}, ${availableParallelism()} cores, load ${load}`
  console.log(`Medians of ${settings.rounds} alternating rounds; ${machine}`)
  if (settings.sections.has('requests')) await runRequests(settings)
  if (settings.sections.has('delivery')) await runDelivery(settings)
  if (settings.sections.has('flood')) await runFlood(settings)
}

await main()
