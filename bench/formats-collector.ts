// What a collector spends to take the two payloads in. Linux only: CPU is read from /proc.
// Usage: node bench/formats-collector.ts PATH-OF-COLLECTOR
import { setTimeout as wait } from 'node:timers/promises'
import { CollectorProcess } from './collector-process.ts'
import { joinJson, writeJson, type Encoded } from './formats/json-payload.ts'
import { joinProtobuf, writeProtobuf } from './formats/protobuf-payload.ts'
import { median } from './measure.ts'
import { buildRequests, type SampleRecord } from './request-record.ts'
import { formatTable } from './table.ts'

const BATCH = 500
const BATCHES_A_ROUND = 100
const ROUNDS = 7
const START_MILLIS = 20_000

type Write = (record: SampleRecord, target: Buffer, offset: number) => Encoded

interface Payload {
  readonly name: string
  readonly type: string
  readonly body: Buffer
}

function buildPayloads(): Payload[] {
  const records = buildRequests(BATCH, 3)
  const frames = (write: Write): Buffer[] => {
    const scratch = Buffer.alloc(16_384)
    return records.map((record) => Buffer.from(scratch.subarray(0, write(record, scratch, 0).end)))
  }
  return [
    { name: 'JSON', type: 'application/json', body: joinJson(frames(writeJson)) },
    { name: 'protobuf', type: 'application/x-protobuf', body: joinProtobuf(frames(writeProtobuf)) },
  ]
}

async function waitUntilReady(
  collector: CollectorProcess,
  payloads: readonly Payload[],
): Promise<void> {
  const deadline = Date.now() + START_MILLIS
  for (;;) {
    const statuses = await Promise.all(
      payloads.map(({ body, type }) => collector.post(body, type).catch(() => 0)),
    )
    if (statuses.every((status) => status === 200)) return
    if (Date.now() > deadline)
      throw new Error(`the collector answered ${statuses.join(' and ')}, not 200`)
    await wait(200)
  }
}

async function measure(
  collector: CollectorProcess,
  payloads: readonly Payload[],
): Promise<number[]> {
  const samples = payloads.map((): number[] => [])
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, payload] of payloads.entries()) {
      const before = collector.cpuMicros()
      for (let sent = 0; sent < BATCHES_A_ROUND; sent += 1) {
        const status = await collector.post(payload.body, payload.type)
        if (status !== 200) throw new Error(`the collector answered ${payload.name} with ${status}`)
      }
      const perRecord = (collector.cpuMicros() - before) / (BATCH * BATCHES_A_ROUND)
      if (round > 0) samples[index]?.push(perRecord)
    }
  }
  return samples.map(median)
}

async function main(): Promise<void> {
  const payloads = buildPayloads()
  const exporter = { name: 'debug', settings: '{verbosity: basic}' }
  const collector = await CollectorProcess.start(process.argv[2], exporter)
  try {
    await waitUntilReady(collector, payloads)
    const micros = await measure(collector, payloads)
    const [json = Number.NaN, protobuf = Number.NaN] = micros
    console.log(
      formatTable([
        ['per record', 'JSON', 'protobuf', 'JSON / protobuf'],
        [
          'CPU of the collector, µs',
          json.toFixed(1),
          protobuf.toFixed(1),
          (json / protobuf).toFixed(2),
        ],
        ['bytes', ...payloads.map(({ body }) => (body.length / BATCH).toFixed(0)), ''],
      ]),
    )
  } finally {
    await collector.stop()
  }
}

await main()
