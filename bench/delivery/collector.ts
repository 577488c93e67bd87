// How fast a real collector is fed, and what it has at the end. It writes what it takes to a file.
// "Posted" are bodies made beforehand, four at once and not compressed: as fast as the collector
// can be fed at all. Linux only: CPU is read from /proc.
// Usage: node bench/delivery/collector.ts PATH-OF-COLLECTOR [--rounds N] [--records N]
import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { Child } from '../child.ts'
import { CollectorProcess } from '../collector-process.ts'
import { joinJson, writeJson } from '../formats/json-payload.ts'
import { median } from '../measure.ts'
import { buildRequests } from '../request-record.ts'
import { formatTable } from '../table.ts'
import type { DeliveryUsage } from './compare.ts'

const BATCH = 500
const AT_ONCE = 4
const WARM_UP = 3_000
const START_MILLIS = 20_000
const SETTLE_MILLIS = 2_000

/** The stock pipeline of the bench has no resource of its own. */
const STOCK_SERVICE = 'unknown_service'

/** Sends so many records and tells how many that were in a second. */
type Feed = (count: number) => Promise<number>

interface Fed {
  readonly perSecond: number
  /** CPU of the collector for one record, in microseconds. */
  readonly collectorMicros: number
}

interface Contestant {
  readonly name: string
  readonly feed: Feed
}

async function post(collector: CollectorProcess, body: Buffer): Promise<void> {
  const status = await collector.post(body)
  if (status !== 200) throw new Error(`the collector answered ${status}`)
}

async function waitUntilReady(collector: CollectorProcess): Promise<void> {
  const deadline = Date.now() + START_MILLIS
  for (;;) {
    try {
      return await post(collector, Buffer.from('{}'))
    } catch (error) {
      if (Date.now() > deadline) throw error
      await wait(200)
    }
  }
}

/** A body whose resource names who posted it; the records are those that the pipelines get. */
function buildBody(): Buffer {
  const scratch = Buffer.alloc(16_384)
  const frames = buildRequests(BATCH, 3).map((record) =>
    Buffer.from(scratch.subarray(0, writeJson(record, scratch, 0).end)),
  )
  return joinJson(frames)
}

function postedFeed(collector: CollectorProcess): Feed {
  const body = buildBody()
  return async (count) => {
    const start = performance.now()
    let left = Math.ceil(count / BATCH)
    const send = async (): Promise<void> => {
      while (left-- > 0) await post(collector, body)
    }
    await Promise.all(Array.from({ length: AT_ONCE }, send))
    return (Math.ceil(count / BATCH) * BATCH * 1000) / (performance.now() - start)
  }
}

function pipelineFeed(child: Child): Feed {
  return async (count) => (await child.ask<DeliveryUsage>({ count })).perSecond
}

/** Counts the request records in the collector's file, by what the resource calls the service. */
async function countWritten(file: string): Promise<Record<'recorded' | 'stock', number>> {
  const counts = { recorded: 0, stock: 0 }
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const service = /"service\.name","value":\{"stringValue":"([^"]+)"/.exec(line)?.[1] ?? ''
    const records = line.split('"eventName":"oauth.request"').length - 1
    if (service.startsWith('recorded')) counts.recorded += records
    if (service.startsWith(STOCK_SERVICE)) counts.stock += records
  }
  return counts
}

async function compare(
  contestants: readonly Contestant[],
  collector: CollectorProcess,
  rounds: number,
  records: number,
): Promise<Map<string, Fed[]>> {
  const fed = new Map<string, Fed[]>(contestants.map(({ name }) => [name, []]))
  for (const { feed } of contestants) await feed(WARM_UP)
  for (let round = 0; round < rounds; round += 1) {
    for (const { feed, name } of round % 2 === 0 ? contestants : contestants.toReversed()) {
      const before = collector.cpuMicros()
      const perSecond = await feed(records)
      fed
        .get(name)
        ?.push({ perSecond, collectorMicros: (collector.cpuMicros() - before) / records })
    }
  }
  return fed
}

function startPipelines(url: string, folder: string): { child: Child; contestant: Contestant }[] {
  const one = (name: string, program: string, compression: string) => {
    const service = `${program}-${compression}`
    const child = new Child(`delivery/${program}.ts`, {
      env: {
        TOKENTRAIL_DIR: join(folder, service),
        OTEL_SERVICE_NAME: service,
        OTEL_EXPORTER_OTLP_ENDPOINT: url,
        OTEL_EXPORTER_OTLP_COMPRESSION: compression,
      },
    })
    return { child, contestant: { name, feed: pipelineFeed(child) } }
  }
  return [
    one('recorded', 'recorded', 'none'),
    one('recorded, gzip', 'recorded', 'gzip'),
    one('recorded, zstd', 'recorded', 'zstd'),
    one('stock', 'stock', 'none'),
    one('stock, gzip', 'stock', 'gzip'),
  ]
}

async function run(collector: CollectorProcess, folder: string, file: string): Promise<void> {
  const number = { type: 'string' } as const
  const { values } = parseArgs({
    options: { rounds: number, records: number },
    allowPositionals: true,
  })
  const [rounds, records] = [Number(values.rounds ?? 5), Number(values.records ?? 20_000)]
  const pipelines = startPipelines(collector.url, folder)
  try {
    await Promise.all(pipelines.map(({ child }) => child.next()))
    const posted = { name: 'posted', feed: postedFeed(collector) }
    const contestants = [posted, ...pipelines.map(({ contestant }) => contestant)]
    const fed = await compare(contestants, collector, rounds, records)
    await Promise.all(pipelines.map(({ child }) => child.stop()))
    await wait(SETTLE_MILLIS)
    const written = await countWritten(file)
    const emitted = WARM_UP + rounds * records
    const rows = contestants.map(({ name }) => {
      const all = fed.get(name) ?? []
      return [
        name,
        median(all.map(({ perSecond }) => perSecond)).toFixed(0),
        median(all.map(({ collectorMicros }) => collectorMicros)).toFixed(1),
      ]
    })
    console.log(formatTable([['', 'records a second', 'collector, µs CPU'], ...rows]))
    const lost = [3 * emitted - written.recorded, 2 * emitted - written.stock]
    console.log(`lost: recorded ${lost[0]} of ${3 * emitted}, stock ${lost[1]} of ${2 * emitted}`)
  } finally {
    await Promise.all(pipelines.map(({ child }) => child.stop()))
  }
}

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tokentrail-bench-'))
  const file = join(folder, 'taken.jsonl')
  const exporter = { name: 'file', settings: `{path: "${file}"}` }
  try {
    const collector = await CollectorProcess.start(process.argv[2], exporter)
    try {
      await waitUntilReady(collector)
      await run(collector, folder, file)
    } finally {
      await collector.stop()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

await main()
