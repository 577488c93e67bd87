/**
 * Measures, in one process: the time of the recording thread for one append of a typical request
 * record, records a second delivered to a loopback sink, processor time per record in the delivery
 * thread, and the memory that the thread takes.
 *
 *     node --conditions=@tokentrail/source packages/exporter/bench/append.ts
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadOrCreateKeys, openLog, resolveExporterOptions } from '@tokentrail/exporter'
import { requestRecord } from './request-record.ts'

const SINK = `
const { createServer } = require('node:http')
let bytes = 0, requests = 0
const server = createServer((request, response) => {
  request.on('data', (part) => { bytes += part.length })
  request.on('end', () => {
    requests++
    response.setHeader('content-type', 'application/json')
    response.end('{"partialSuccess":{}}')
  })
})
server.listen(0, '127.0.0.1', () => process.send(server.address().port))
process.on('message', () => process.send({ bytes, requests }))
`

const RECORDS = Number(process.argv[2] ?? 100_000)

const directory = mkdtempSync(join(tmpdir(), 'tokentrail-bench-'))
const sink = spawn(process.execPath, ['--eval', SINK], { stdio: ['ignore', 2, 2, 'ipc'] })
const port = await next<number>(sink)
const settings = resolveExporterOptions(
  { directory, slot: 'bench', endpoint: `http://127.0.0.1:${port}/v1/logs` },
  {},
)
const residentBefore = process.memoryUsage().rss
const log = openLog({ settings, keys: loadOrCreateKeys(settings), recorderVersion: '0.1.0' })
log.append(requestRecord(0))
await log.flush(10_000)
const residentOpen = process.memoryUsage().rss - residentBefore
for (let index = 0; index < 5_000; index++) log.append(requestRecord(index))
await log.flush(10_000)

const paced = await measurePaced()

const started = performance.now()
const cpuStarted = process.threadCpuUsage()
const processStarted = process.cpuUsage()
for (let index = 0; index < RECORDS; index++) log.append(requestRecord(index))
const appendedMillis = performance.now() - started
const cpuAppended = process.threadCpuUsage(cpuStarted)
await log.flush(120_000)
const deliveredMillis = performance.now() - started
const thread = process.threadCpuUsage(cpuStarted)
const whole = process.cpuUsage(processStarted)
sink.send('report')
const { bytes, requests } = await next<{ bytes: number; requests: number }>(sink)

const wall = (appendedMillis / RECORDS) * 1000
const cpu = (cpuAppended.user + cpuAppended.system) / RECORDS
const others = (whole.user + whole.system - thread.user - thread.system) / RECORDS
process.stdout.write(
  [
    `append, 4,000 a second          ${paced.toFixed(2)} µs of processor time a record`,
    `append, wall                    ${wall.toFixed(2)} µs a record`,
    `append, processor time          ${cpu.toFixed(2)} µs a record`,
    `delivered                       ${Math.round(RECORDS / (deliveredMillis / 1000))} records/s, in ${requests} requests`,
    `wire                            ${Math.round(bytes / (RECORDS + 25_000))} bytes a record`,
    `delivery thread                 ${others.toFixed(2)} µs a record`,
    `resident memory, open and idle  +${toMebibytes(residentOpen)} MiB`,
    `resident memory, at the end     +${toMebibytes(process.memoryUsage().rss - residentBefore)} MiB`,
    '',
  ].join('\n'),
)
await log.shutdown()
sink.kill()
rmSync(directory, { recursive: true })

function toMebibytes(bytes: number): string {
  return (bytes / 1_048_576).toFixed(1)
}

function next<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve) => child.once('message', (message) => resolve(message as T)))
}

async function measurePaced(): Promise<number> {
  let micros = 0
  for (let round = 0; round < 100; round++) {
    const start = process.threadCpuUsage()
    for (let index = 0; index < 200; index++) log.append(requestRecord(round * 200 + index))
    const used = process.threadCpuUsage(start)
    micros += used.user + used.system
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  await log.flush(10_000)
  return micros / 20_000
}
