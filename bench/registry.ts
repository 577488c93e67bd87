// Simulates the registry of 500 instances that are redeployed every hour, and prints how large its
// log becomes, how fast it certifies, what a witness is sent, and how long a verifier takes.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  generateSigningJwk,
  issueIssuerCertificate,
  issueRegistryCertificate,
  loadSigningKey,
} from '@tokentrail/exporter'
import {
  createCosigner,
  formatAddCheckpoint,
  formatNote,
  parseNote,
  verifyLogs,
  type VerificationReport,
} from '@tokentrail/ledger'
import { openRegistryDatabase, Registry, RegistryLog } from '@tokentrail/viewer'
import { createInstance, type InstanceLog, type NewInstance } from './registry/instance-log.ts'
import { formatTable } from './table.ts'

const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '500' },
    hours: { type: 'string', default: '6' },
  },
})
const instances = Number(values.instances)
const hours = Number(values.hours)

const START = Math.floor(Date.parse('2026-11-24T00:00:00Z') / 1000)
const SIGN_SECONDS = 10
const IDLE_SECONDS = 60
const WITNESS_SECONDS = 60
const YEAR_HOURS = 8_766

const folder = mkdtempSync(join(tmpdir(), 'tokentrail-bench-registry-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))

/** A deployment's registry on disk, on a clock that is turned by hand. */
function openDeployment() {
  const clock = { seconds: START }
  const write = (name: string, jwk: object) => {
    writeFileSync(join(folder, name), JSON.stringify(jwk), { mode: 0o600 })
    return loadSigningKey(join(folder, name))
  }
  const publicKeyOf = (jwk: object) =>
    createPublicKey(createPrivateKey({ key: { ...jwk }, format: 'jwk' }))
  const [rootJwk, issuerJwk, registryJwk] = [0, 1, 2].map(generateSigningJwk)
  const root = write('root', rootJwk!)
  const claims = { issuer: 'example.com', issuedAt: START - 3600, expires: START + 100_000_000 }
  const origin = 'example.com/registry'
  const certificate = issueIssuerCertificate(
    { ...claims, use: 'endpoint', publicKey: publicKeyOf(issuerJwk!) },
    root,
  )
  const issuer = write('issuer', { ...issuerJwk, certificate })
  const key = {
    origin,
    d: registryJwk!.d,
    certificate: issueRegistryCertificate(
      { ...claims, log: origin, publicKey: publicKeyOf(registryJwk!) },
      root,
    ),
  }
  const path = join(folder, 'registry.sqlite')
  const store = openRegistryDatabase(path)
  const now = (): bigint => BigInt(clock.seconds) * 1_000_000_000n
  const log = new RegistryLog({ database: store.database, key, now })
  const rules = [{ subject: 'bench', services: ['*'], slots: ['*'] }]
  const registry = new Registry({ log, issuer, rules, now, onFork: (text) => console.log(text) })
  return { clock, root, log, registry, store, path }
}

const deployment = openDeployment()
const { clock, log, registry } = deployment
const witness = createCosigner('witness.example.com/w', new Uint8Array(32).fill(1))

/** Milliseconds of each call of a kind. */
const millis = { register: [] as number[], head: [] as number[], checkpoint: [] as number[] }

function time<Result>(kind: keyof typeof millis, work: () => Result): Result {
  const start = performance.now()
  const result = work()
  millis[kind].push(performance.now() - start)
  return result
}

interface Running {
  readonly instance: NewInstance
  readonly certificate: string
  readonly from: number
}

const running = new Map<number, Running>()
const finished: InstanceLog[] = []
const requestBytes: number[] = []
let witnessedSize = 0
let witnessedAt = START
let serial = 0

/** Stops what ran in a slot and starts the next, as a rolling deployment does. */
function redeploy(slot: number): void {
  stop(slot)
  const instance = createInstance(slot, clock.seconds, serial++)
  const result = time('register', () => registry.register(instance.request, { subject: 'bench' }))
  if (result.status !== 'issued') throw new Error(result.message)
  running.set(slot, { instance, certificate: result.certificate, from: clock.seconds })
}

function stop(slot: number): void {
  const old = running.get(slot)
  if (old === undefined) return
  const done = old.instance.run(old.certificate, old.from, clock.seconds)
  finished.push(done)
  const result = time('head', () => registry.addHead(done.note, {}))
  if (result !== 'added') throw new Error(`head: ${result}`)
}

function sign(): void {
  const passed = clock.seconds - (log.head?.seconds ?? 0)
  if (passed < (log.uncovered > 0 ? SIGN_SECONDS : IDLE_SECONDS)) return
  const head = time('checkpoint', () => log.checkpoint())
  if (clock.seconds - witnessedAt < WITNESS_SECONDS) return
  const proof = log.consistencyProof(witnessedSize, head.size)
  const body = formatAddCheckpoint({ oldSize: BigInt(witnessedSize), proof, checkpoint: head.note })
  requestBytes.push(body.length)
  const { text, signatures } = parseNote(head.note)
  const cosignature = witness.sign(text, BigInt(clock.seconds))
  const note = formatNote({ text, signatures: [...signatures, cosignature] })
  log.transact((append) => append({ type: 'tokentrail.log.witness', note }))
  witnessedSize = head.size
  witnessedAt = clock.seconds
}

const began = performance.now()
for (let second = 0; second < hours * 3600; second++) {
  clock.seconds = START + second
  const [first, next] = [second, second + 1].map((at) =>
    Math.floor(((at % 3600) * instances) / 3600),
  )
  const end = (second + 1) % 3600 === 0 ? instances : next!
  for (let slot = first!; slot < end; slot++) redeploy(slot)
  sign()
}
clock.seconds++
for (const slot of running.keys()) stop(slot)
clock.seconds += SIGN_SECONDS
sign()
const simulated = performance.now() - began

const texts = log.textsFrom(0, 100_000_000)
const kinds = new Map<string, { count: number; bytes: number }>()
for (const text of texts) {
  const type = /"type":"tokentrail\.([^"]+)"/.exec(text)?.[1] ?? 'other'
  const kind = kinds.get(type) ?? { count: 0, bytes: 0 }
  kind.count += 1
  kind.bytes += Buffer.byteLength(text)
  kinds.set(type, kind)
}
const bytes = [...kinds.values()].reduce((sum, kind) => sum + kind.bytes, 0)
const number = (value: number): string => Math.round(value).toLocaleString('en')
const perYear = (value: number): string => number((value / hours) * YEAR_HOURS)

console.log(
  `${instances} instances, each replaced every hour, for ${hours} hours: ${number(serial)} logs. ` +
    `Simulated in ${number(simulated / 1000)} s.\n`,
)
console.log(
  formatTable([
    ['leaf', 'count', 'bytes each', 'MB', 'a year', 'GB a year'],
    ...[...kinds, ['all', { count: texts.length, bytes }] as const].map(([name, kind]) => [
      name,
      number(kind.count),
      number(kind.bytes / kind.count),
      (kind.bytes / 1e6).toFixed(1),
      perYear(kind.count),
      (((kind.bytes / hours) * YEAR_HOURS) / 1e9).toFixed(2),
    ]),
  ]),
)
deployment.store.database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
console.log(`\nstore on disk: ${(statSync(deployment.path).size / 1e6).toFixed(1)} MB`)
requestBytes.sort((a, b) => a - b)
console.log(
  `request to a witness: ${number(requestBytes[requestBytes.length >> 1] ?? 0)} bytes (median), ` +
    `${number(requestBytes.at(-1) ?? 0)} (largest)\n`,
)
console.log(
  formatTable([
    ['flushed to disk', 'p50 ms', 'p99 ms', 'a second, one after the other'],
    ...Object.entries(millis).map(([name, taken]) => {
      taken.sort((a, b) => a - b)
      const sum = taken.reduce((total, one) => total + one, 0)
      const at = (part: number): string => (taken[Math.floor(taken.length * part)] ?? 0).toFixed(2)
      return [name, at(0.5), at(0.99), number((taken.length * 1000) / sum)]
    }),
  ]),
)

async function measure(
  name: string,
  bodies: readonly string[],
  until?: bigint,
): Promise<[string[], VerificationReport]> {
  const start = performance.now()
  const cpu = process.cpuUsage()
  const records = bodies.map((body) => ({ body }))
  const roots = [deployment.root.publicJwk]
  const report = await verifyLogs(records, { roots, ...(until !== undefined && { until }) })
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const cpuSeconds = (user + system) / 1e6
  const rate = number(bodies.length / cpuSeconds)
  return [
    [
      name,
      number(bodies.length),
      seconds.toFixed(1),
      cpuSeconds.toFixed(1),
      rate,
      report.verdict,
      `${report.findings.length}`,
    ],
    report,
  ]
}

const logs = finished.flatMap((done) => done.texts)
const missing = finished.slice(1).flatMap((done) => done.texts)
const until = BigInt(START + 3600) * 1_000_000_000n
const rows = [
  await measure('the registry alone, until its start', texts, BigInt(START) * 1_000_000_000n),
  await measure('every log of the day and the registry', [...texts, ...logs]),
  await measure('the same, until an hour after the start', [...texts, ...logs], until),
  await measure('the same, one log left out', [...texts, ...missing]),
]
console.log()
console.log(
  formatTable([
    ['verification', 'records', 'seconds', 'CPU', 'records/s of CPU', 'verdict', 'findings'],
    ...rows.map(([row]) => row),
  ]),
)
console.log(`\nlogs anchored in the registry: ${number(rows[1]![1].anchors.length)}`)
console.log(`resident: ${number(process.memoryUsage().rss / 1048576)} MiB`)
deployment.store.close()
