// Verifies an export offline, in one of the ways below. Forked with the way, the file of the root key
// and the files of the export; tells what it took, and ends when it is told to.
import { readExportBatches, readShards } from '@tokentrail/exporter'
import {
  verifyLogs,
  verifyShards,
  type ExportedRecord,
  type VerificationReport,
} from '@tokentrail/ledger'
import { readFile } from 'node:fs/promises'
import type { VerifyUsage, Work } from './compare.ts'

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

async function* readTexts(
  files: readonly string[],
  watch: Stopwatch,
): AsyncGenerator<readonly ExportedRecord[]> {
  watch.stop()
  let batch: ExportedRecord[] = []
  for await (const records of readExportBatches(files)) {
    for (const { body } of records) batch.push({ body })
    if (batch.length < BATCH) continue
    watch.start()
    yield batch
    watch.stop()
    batch = []
  }
  watch.start()
  yield batch
}

const [work = 'threads', rootFile = '', ...files] = process.argv.slice(2)

const options = { roots: [JSON.parse(await readFile(rootFile, 'utf8'))] }
const watch = new Stopwatch()
const works: Readonly<Record<Work, () => Promise<VerificationReport>>> = {
  threads: () => verifyShards(readShards(files), options),
  single: () => verifyShards(readShards(files, { threads: 1 }), options),
  texts: () => verifyLogs(readTexts(files, watch), options),
}
watch.start()
const { verdict, records } = await works[work as Work]()
watch.stop()
const usage: VerifyUsage = {
  verdict,
  records,
  cpuSeconds: watch.micros / 1e6,
  seconds: watch.millis / 1000,
  maxRss: process.resourceUsage().maxRSS * 1024,
}
process.on('disconnect', () => process.exit())
process.send?.(usage)
