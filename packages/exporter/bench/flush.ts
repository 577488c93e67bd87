/**
 * Measures, in one process with `durability: 'disk'`: how long a response would wait for its record
 * at a steady pace of requests, from `append` to the resolved promise of `settled`; and beside it
 * what one `write` and `fdatasync` takes on this disk at this moment, one after the other.
 *
 *     node --conditions=@tokentrail/source packages/exporter/bench/flush.ts [requests a second]
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
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

const { user, system } = process.cpuUsage(cpu)
console.log(`${appended} appended, ${waits.length} waited for, at ${PER_SECOND} a second`)
console.log(`settled           ${quantiles(waits)}`)
console.log(`write, fdatasync  ${quantiles(await measureDisk())}`)
console.log(
  `processor time ${((user + system) / appended).toFixed(1)} µs a record, delivery included`,
)
await log.shutdown(0)
rmSync(directory, { recursive: true })

async function measureDisk(): Promise<number[]> {
  const file = await open(join(directory, 'reference'), 'w')
  const bytes = Buffer.alloc(1_500, 'x')
  const millis: number[] = []
  for (let round = 0; round < 500; round++) {
    const before = performance.now()
    await file.write(bytes)
    await file.datasync()
    millis.push(performance.now() - before)
  }
  await file.close()
  return millis
}

function quantiles(millis: readonly number[]): string {
  const sorted = millis.toSorted((a, b) => a - b)
  const at = (q: number): string =>
    `${(sorted[Math.floor(q * (sorted.length - 1))] ?? NaN).toFixed(2)} ms`
  return `p50 ${at(0.5)}  p99 ${at(0.99)}  max ${at(1)}`
}
