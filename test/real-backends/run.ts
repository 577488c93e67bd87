/**
 * Real backends, filled by the shipped collector configuration, exported as their users do, and
 * verified: `node test/real-backends/run.ts s3|opensearch|splunk-hec|all [requests]`, after `npm
 * run build`. `TOKENTRAIL_KEEP=1` keeps what was exported. Needs Go (MinIO, the collector), Java 17
 * and Maven (OpenSearch); builds and downloads are kept under `.cache`. Exits with 1 if anything
 * was not as it must be. Not part of `npm test`: 350 MB of downloads and minutes of building.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tryOpenSearch } from './opensearch.ts'
import { trySplunkHec } from './splunk-hec.ts'
import { tryS3 } from './s3.ts'
import { Missing } from './servers.ts'

type Backend = (folder: string, requests: number) => Promise<readonly string[]>

const BACKENDS: { readonly [name: string]: Backend } = {
  s3: tryS3,
  opensearch: tryOpenSearch,
  'splunk-hec': trySplunkHec,
}

async function tryBackend(name: string, requests: number): Promise<readonly string[]> {
  const folder = mkdtempSync(join(tmpdir(), `tokentrail-${name}-`))
  const began = Date.now()
  console.log(`\n${name}`)
  try {
    const failures = await BACKENDS[name]!(folder, requests)
    const seconds = Math.round((Date.now() - began) / 1000)
    console.log(`${name}: ${seconds} s, ${failures.length} not as it must be`)
    // What was not as it must be is to be looked at.
    const keep = failures.length > 0 || process.env['TOKENTRAIL_KEEP'] === '1'
    if (!keep) rmSync(folder, { recursive: true, force: true })
    else console.log(`kept: ${folder}`)
    return failures
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    console.log(`skipped: ${name}: ${error.message}`)
    return []
  }
}

const [asked = '', requests = '300'] = process.argv.slice(2)
const names = asked === 'all' ? Object.keys(BACKENDS) : [asked]
if (names.some((name) => !Object.hasOwn(BACKENDS, name))) {
  console.error('usage: node test/real-backends/run.ts s3|opensearch|splunk-hec|all [requests]')
  process.exit(2)
}
const failures: string[] = []
for (const name of names) failures.push(...(await tryBackend(name, Number(requests))))
process.exit(failures.length === 0 ? 0 : 1)
