// What a collector spends to take the two payloads in. Linux only: CPU is read from /proc.
// Usage: node bench/formats-collector.ts PATH-OF-COLLECTOR
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { joinJson, writeJson, type Encoded } from './formats/json-payload.ts'
import { joinProtobuf, writeProtobuf } from './formats/protobuf-payload.ts'
import { median } from './measure.ts'
import { buildRequests, type SampleRecord } from './request-record.ts'
import { formatTable } from './table.ts'

const BATCH = 500
const BATCHES_A_ROUND = 100
const ROUNDS = 7
const TICK_MICROS = 10_000
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

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function buildConfiguration(port: number): string {
  return `yaml:{receivers: {otlp: {protocols: {http: {endpoint: "127.0.0.1:${port}"}}}}, exporters: {debug: {verbosity: basic}}, service: {telemetry: {metrics: {level: none}, logs: {level: error}}, pipelines: {logs: {receivers: [otlp], exporters: [debug]}}}}`
}

async function post(port: number, { type, body }: Payload): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: new Uint8Array(body),
  })
  await response.arrayBuffer()
  return response.status
}

async function waitUntilReady(port: number, payloads: readonly Payload[]): Promise<void> {
  const deadline = Date.now() + START_MILLIS
  for (;;) {
    const statuses = await Promise.all(
      payloads.map((payload) => post(port, payload).catch(() => 0)),
    )
    if (statuses.every((status) => status === 200)) return
    if (Date.now() > deadline)
      throw new Error(`the collector answered ${statuses.join(' and ')}, not 200`)
    await wait(200)
  }
}

/** User and system time of a process in microseconds (proc_pid_stat(5), fields 14 and 15). */
function cpuMicros(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS
}

async function measure(port: number, pid: number, payloads: readonly Payload[]): Promise<number[]> {
  const samples = payloads.map((): number[] => [])
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [index, payload] of payloads.entries()) {
      const before = cpuMicros(pid)
      for (let sent = 0; sent < BATCHES_A_ROUND; sent += 1) {
        const status = await post(port, payload)
        if (status !== 200) throw new Error(`the collector answered ${payload.name} with ${status}`)
      }
      const perRecord = (cpuMicros(pid) - before) / (BATCH * BATCHES_A_ROUND)
      if (round > 0) samples[index]?.push(perRecord)
    }
  }
  return samples.map(median)
}

async function main(): Promise<void> {
  const binary = process.argv[2]
  if (binary === undefined) throw new TypeError('the path of a collector must be given')
  const payloads = buildPayloads()
  const port = await findFreePort()
  const child = spawn(binary, ['--config', buildConfiguration(port)], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  try {
    await waitUntilReady(port, payloads)
    const micros = await measure(port, child.pid ?? 0, payloads)
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
    child.kill()
    await ended
  }
}

await main()
