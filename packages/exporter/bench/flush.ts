/**
 * Measures, in one process with `durability: 'disk'`: how long a response would wait for its record
 * at a steady pace of requests, from `append` to the resolved promise of `settled`; and beside it
 * the same pace with nothing but `write` and grouped `fdatasync`, which is what this disk can do.
 *
 *     node --conditions=@tokentrail/source packages/exporter/bench/flush.ts [requests a second]
 */
import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadOrCreateKeys, openLog, resolveExporterOptions } from '@tokentrail/exporter'
import { requestRecord } from './request-record.ts'

const PER_SECOND = Number(process.argv[2] ?? 2_000)
const SECONDS = 5
const TICK_MILLIS = 1
const FRAME_BYTES = 1_500

const directory = mkdtempSync(join(tmpdir(), 'tokentrail-bench-'))
const settings = resolveExporterOptions(
  { directory, slot: 'bench', endpoint: 'http://127.0.0.1:9/v1/logs', durability: 'disk' },
  {},
)
const log = openLog({ settings, keys: loadOrCreateKeys(settings), recorderVersion: '0.1.0' })
const disk = createReference(join(directory, 'reference'))

console.log(`${PER_SECOND} a second, for ${SECONDS} s`)
console.log(
  `settled              ${await measure((number) => {
    log.append(requestRecord(number))
    return log.settled()
  })}`,
)
console.log(`write and fdatasync  ${await measure(() => disk.append())}`)
disk.close()
await log.shutdown(0)
rmSync(directory, { recursive: true })

async function measure(append: (number: number) => Promise<void> | undefined): Promise<string> {
  const waits: number[] = []
  const all: Promise<void>[] = []
  const started = performance.now()
  await new Promise<void>((resolve) => {
    let appended = 0
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - started) / 1000) * PER_SECOND)
      for (; appended < Math.min(due, PER_SECOND * SECONDS); appended++) {
        const before = performance.now()
        const settled = append(appended) ?? Promise.resolve()
        all.push(settled.then(() => void waits.push(performance.now() - before)))
      }
      if (appended < PER_SECOND * SECONDS) return
      clearInterval(timer)
      resolve()
    }, TICK_MILLIS)
  })
  await Promise.all(all)
  return quantiles(waits)
}

/** One flush at a time; who comes meanwhile forms the next group. */
function createReference(path: string) {
  const descriptor = openSync(path, 'w')
  const frame = Buffer.alloc(FRAME_BYTES, 'x')
  let waiting: (() => void)[] = []
  let isRunning = false
  const begin = (): void => {
    const group = waiting
    waiting = []
    isRunning = group.length > 0
    if (!isRunning) return
    fdatasync(descriptor, () => {
      for (const resolve of group) resolve()
      begin()
    })
  }
  return {
    append: () =>
      new Promise<void>((resolve) => {
        writeSync(descriptor, frame)
        waiting.push(resolve)
        if (!isRunning) begin()
      }),
    close: () => closeSync(descriptor),
  }
}

function quantiles(millis: readonly number[]): string {
  const sorted = millis.toSorted((a, b) => a - b)
  const at = (q: number): string =>
    `${(sorted[Math.floor(q * (sorted.length - 1))] ?? NaN).toFixed(2)} ms`
  return `p50 ${at(0.5)}  p99 ${at(0.99)}  max ${at(1)}`
}
