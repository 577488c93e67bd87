/**
 * Measures, in one process with `durability: 'disk'`: how long a response would wait for its record
 * at a steady pace of requests, from `append` to the resolved promise of `settled`.
 *
 *     node --conditions=@tokentrail/source packages/exporter/bench/flush.ts [requests a second]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadOrCreateKeys, openLog, resolveExporterOptions } from '@tokentrail/exporter'
import { requestRecord } from './request-record.ts'

const PER_SECOND = Number(process.argv[2] ?? 2_000)
const SECONDS = 5
const TICK_MILLIS = 1

const directory = mkdtempSync(join(tmpdir(), 'tokentrail-bench-'))
const settings = resolveExporterOptions(
  { directory, slot: 'bench', endpoint: 'http://127.0.0.1:9/v1/logs', durability: 'disk' },
  {},
)
const log = openLog({ settings, keys: loadOrCreateKeys(settings), recorderVersion: '0.1.0' })
const waits: number[] = []
let appended = 0
const cpu = process.cpuUsage()
const started = performance.now()

await new Promise<void>((resolve) => {
  const timer = setInterval(() => {
    const due = Math.min(
      PER_SECOND * SECONDS,
      Math.floor(((performance.now() - started) / 1000) * PER_SECOND),
    )
    for (; appended < due; appended++) {
      const before = performance.now()
      log.append(requestRecord(appended))
      void log.settled()?.then(() => waits.push(performance.now() - before))
    }
    if (appended < PER_SECOND * SECONDS) return
    clearInterval(timer)
    resolve()
  }, TICK_MILLIS)
})
await log.settled()

const sorted = waits.toSorted((a, b) => a - b)
const quantile = (q: number): string =>
  `${(sorted[Math.floor(q * (sorted.length - 1))] ?? NaN).toFixed(2)} ms`
const { user, system } = process.cpuUsage(cpu)
console.log(`${appended} appended, ${waits.length} waited for, at ${PER_SECOND} a second`)
console.log(`p50 ${quantile(0.5)}  p99 ${quantile(0.99)}  max ${quantile(1)}`)
console.log(
  `processor time ${((user + system) / appended).toFixed(1)} µs a record, delivery included`,
)
await log.shutdown(0)
rmSync(directory, { recursive: true })
