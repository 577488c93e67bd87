// The whole bench: what recording costs beside what people already run, in one run. It prints tables,
// keeps the figures in results.json, and writes README.md and requests.svg from them.
// Usage: npm run bench -- [--only requests,delivery,disk,verification,flood] [--rounds N] [--requests N]
//   [--rate N] [--records N] [--export N] [--seconds N] [--dry]
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compareDelivery, type DeliveryComparison } from './delivery/compare.ts'
import { CODECS, measureWire } from './delivery/wire.ts'
import { measureDisk } from './disk/compare.ts'
import { compareFloods } from './flood/compare.ts'
import { writeReport } from './report/readme.ts'
import {
  type Measured,
  readResults,
  type Results,
  type WireResult,
  writeResults,
} from './report/results.ts'
import {
  deliveryRows,
  diskRows,
  floodRows,
  requestRows,
  verificationRows,
  wireRows,
} from './report/tables.ts'
import { compareRequests } from './requests/compare.ts'
import { formatTable, type Rows } from './table.ts'
import { compareVerifications } from './verification/compare.ts'

const SECTIONS = ['requests', 'delivery', 'disk', 'verification', 'flood'] as const

interface Settings {
  readonly sections: ReadonlySet<string>
  readonly rounds: number
  readonly requests: number
  readonly rate: number
  readonly records: number
  readonly export: number
  readonly seconds: number
  /** Nothing is written. */
  readonly dry: boolean
}

function readSettings(): Settings {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    options: {
      only: text,
      rounds: text,
      requests: text,
      rate: text,
      records: text,
      export: text,
      seconds: text,
      dry: { type: 'boolean' },
    },
  })
  const sections = new Set(values.only?.split(',') ?? SECTIONS)
  const unknown = [...sections].find((name) => !SECTIONS.some((section) => section === name))
  if (unknown !== undefined) {
    throw new TypeError(`"--only" must name ${SECTIONS.join(' or ')}, not "${unknown}"`)
  }
  return {
    sections,
    rounds: wholeNumber('rounds', values.rounds, 9),
    requests: wholeNumber('requests', values.requests, 3_000),
    rate: wholeNumber('rate', values.rate, 1_000),
    records: wholeNumber('records', values.records, 20_000),
    export: wholeNumber('export', values.export, 1_000_000),
    seconds: wholeNumber('seconds', values.seconds, 6),
    dry: values.dry ?? false,
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

function print(title: string, rows: Rows): void {
  console.log(`\n${title}\n\n${formatTable(rows)}`)
}

/** Notes when, where and under which load something is measured. */
async function measured<Result extends object>(
  measure: () => Promise<Result>,
): Promise<Result & Measured> {
  const before = loadavg()[0] ?? Number.NaN
  const result = await measure()
  return {
    at: `${new Date().toISOString().slice(0, 16)}Z`,
    node: process.versions.node,
    cores: availableParallelism(),
    load: [before, loadavg()[0] ?? Number.NaN],
    ...result,
  }
}

async function runRequests({ rate, requests, rounds }: Settings): Promise<Results> {
  const comparison = await measured(async () =>
    compareRequests({ rounds, requests, perSecond: rate }),
  )
  const title =
    'CPU of one request, delivery included; "added" to the bare server in the same round'
  print(`${title}; ${comparison.counted} of ${rounds} rounds count`, requestRows(comparison))
  return { requests: comparison }
}

const COMPRESSIONS = ['none', 'gzip', 'zstd'] as const

async function runDelivery({ records, rounds }: Settings): Promise<Results> {
  const delivery = await measured(async () => {
    const comparisons: DeliveryComparison[] = []
    let wire: readonly WireResult[] = []
    for (const compression of COMPRESSIONS) {
      const folder = await mkdtemp(join(tmpdir(), 'tokentrail-bench-'))
      try {
        comparisons.push(await compareDelivery({ rounds, records, compression, folder }))
        if (compression === COMPRESSIONS.at(-1)) wire = await compareWire(folder)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    }
    return { comparisons, wire }
  })
  print('Delivery, as fast as it goes', deliveryRows(delivery.comparisons))
  print('On the wire, without identity and token records', wireRows(delivery.wire))
  return { delivery }
}

async function compareWire(folder: string): Promise<readonly WireResult[]> {
  const recorded = await measureWire(join(folder, 'recorded.jsonl'))
  const stock = await measureWire(join(folder, 'stock.jsonl'))
  return CODECS.map((codec) => ({ codec, recorded: recorded[codec], stock: stock[codec] }))
}

/** An export is large: it is verified in a third of the rounds, each in a minute. */
async function runVerification({ export: records, rounds }: Settings): Promise<Results> {
  const folder = await mkdtemp(join(tmpdir(), 'tokentrail-bench-'))
  try {
    const verification = await measured(async () =>
      compareVerifications({ rounds: Math.ceil(rounds / 3), records, folder }),
    )
    print('Offline verification of an export', verificationRows(verification.results))
    return { verification }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function runDisk({ rounds, seconds }: Settings): Promise<Results> {
  const disk = await measured(async () => measureDisk({ rounds, seconds }))
  print('From append to durable, in ms', diskRows(disk))
  return { disk }
}

async function runFlood({ rounds, seconds }: Settings): Promise<Results> {
  const flood = await measured(async () => compareFloods({ rounds, seconds }))
  print('Flood: CPU in µs per request of bot and users', floodRows(flood))
  return { flood }
}

async function main(): Promise<void> {
  const settings = readSettings()
  checkBuilt()
  const runs = {
    requests: runRequests,
    delivery: runDelivery,
    disk: runDisk,
    verification: runVerification,
    flood: runFlood,
  }
  let results = await readResults()
  for (const section of SECTIONS) {
    if (!settings.sections.has(section)) continue
    results = { ...results, ...(await runs[section](settings)) }
    if (!settings.dry) await writeResults(results)
  }
  if (!settings.dry) await writeReport(results)
}

await main()
