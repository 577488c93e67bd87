// Verifies an export offline, as `tokentrail verify` does. Forked with the file of the root key and
// the files of the export; tells what it took, with reading and parsing and without.
import { readExport, readExportBatches, readShards } from '@tokentrail/exporter'
import {
  verifyLogs,
  verifyShards,
  type ExportedRecord,
  type ExportedRecords,
  type VerificationReport,
} from '@tokentrail/ledger'
import { readFile } from 'node:fs/promises'

/** What a verification took. */
export interface VerifyResult {
  readonly work: string
  readonly verdict: string
  readonly records: number
  /** CPU of the whole process. */
  readonly cpuSeconds: number
  /** Wall time of the same work. */
  readonly seconds: number
  /** Most memory that was resident so far, in bytes. */
  readonly maxRss: number
}

/** Records that are read while the clock stands still. */
const BATCH = 5_000

/** Time and CPU that went by while the clock was running, in milliseconds and microseconds. */
class Stopwatch {
  millis = 0
  micros = 0
  #at = 0
  #cpu = 0

  start(): void {
    this.#at = performance.now()
    this.#cpu = cpuMicros()
  }

  stop(): void {
    this.millis += performance.now() - this.#at
    this.micros += cpuMicros() - this.#cpu
  }
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

async function* withoutReading(
  source: AsyncIterable<ExportedRecord>,
  watch: Stopwatch,
): AsyncGenerator<ExportedRecord> {
  watch.stop()
  let batch: ExportedRecord[] = []
  for await (const record of source) {
    batch.push(record)
    if (batch.length < BATCH) continue
    watch.start()
    for (const read of batch) yield read
    watch.stop()
    batch = []
  }
  watch.start()
  for (const read of batch) yield read
}

async function* bodiesOf(source: AsyncIterable<ExportedRecord>): AsyncGenerator<ExportedRecord> {
  for await (const { body } of source) yield { body }
}

async function measure(
  work: string,
  toRecords: (watch: Stopwatch) => ExportedRecords,
): Promise<VerifyResult> {
  return time(work, (watch) => verifyLogs(toRecords(watch), { roots: [root] }))
}

async function time(
  work: string,
  verify: (watch: Stopwatch) => Promise<VerificationReport>,
): Promise<VerifyResult> {
  const watch = new Stopwatch()
  watch.start()
  const { verdict, records } = await verify(watch)
  watch.stop()
  return {
    work,
    verdict,
    records,
    cpuSeconds: watch.micros / 1e6,
    seconds: watch.millis / 1000,
    maxRss: process.resourceUsage().maxRSS * 1024,
  }
}

const [rootFile = '', ...files] = process.argv.slice(2)
const root = JSON.parse(await readFile(rootFile, 'utf8'))
process.send?.([
  await measure('file, parsing, ledger', () => readExportBatches(files)),
  await time('the same, in threads', () => verifyShards(readShards(files), { roots: [root] })),
  await measure('ledger', (watch) => withoutReading(readExport(files), watch)),
  await measure('ledger, bodies alone', (watch) =>
    withoutReading(bodiesOf(readExport(files)), watch),
  ),
])
process.disconnect()
