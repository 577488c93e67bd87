// Verifies an export offline, as `tokentrail verify` does. Forked with the file of the root key and
// the files of the export; tells what it took.
import { readExport } from '@tokentrail/exporter'
import { verifyLogs } from '@tokentrail/ledger'
import { readFile } from 'node:fs/promises'

/** What a verification took. */
export interface VerifyResult {
  readonly verdict: string
  readonly records: number
  /** Wall time, reading and parsing included. */
  readonly seconds: number
  readonly cpuSeconds: number
  /** Most memory that was resident, in bytes. */
  readonly maxRss: number
}

const [rootFile = '', ...files] = process.argv.slice(2)
const root = JSON.parse(await readFile(rootFile, 'utf8'))
const start = { cpu: process.cpuUsage(), at: performance.now() }
const report = await verifyLogs(readExport(files), { roots: [root] })
const { user, system } = process.cpuUsage(start.cpu)
const result: VerifyResult = {
  verdict: report.verdict,
  records: report.records,
  seconds: (performance.now() - start.at) / 1000,
  cpuSeconds: (user + system) / 1e6,
  maxRss: process.resourceUsage().maxRSS * 1024,
}
process.send?.(result)
process.disconnect()
