import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { issueCertificate, loadSigningKey } from '@tokentrail/exporter'
import {
  buildCheckpointNote,
  createCosigner,
  createMerkleTree,
  createNoteSigner,
  formatVerifierKey,
  hashLeaf,
} from '@tokentrail/ledger'
import {
  formatExportLine,
  openRegistryDatabase,
  openWitness,
  Registry,
  registrationMessage,
  RegistryLog,
} from '@tokentrail/viewer'
import { describe, expect, it, onTestFinished } from 'vitest'
import { temporaryFolder } from '../support/folder.ts'
import { runMain } from '../support/run.ts'

const START = Date.parse('2026-11-24T10:00:00Z')
const now = BigInt(START) * 1_000_000n

/** A registry with one registered log and its export, in a folder with a key set. */
async function makeDeployment() {
  const folder = temporaryFolder()
  const keys = join(folder, 'keys')
  await runMain(['keys', 'init', keys, '--name', 'example.com'], { now })
  const key = JSON.parse(readFileSync(join(keys, 'registry.jwk.json'), 'utf8')) as {
    readonly origin: string
    readonly d: string
    readonly certificate: string
  }
  const store = openRegistryDatabase(join(folder, 'registry.sqlite'))
  onTestFinished(() => store.close())
  const clock = { nanos: now }
  const log = new RegistryLog({ database: store.database, key, now: () => clock.nanos })
  const issuer = loadSigningKey(join(keys, 'instance.jwk.json'))
  const rules = [{ subject: 's', services: ['*'], slots: ['*'] }]
  const registry = new Registry({ log, issuer, rules, now: () => now, onFork: () => undefined })
  const write = (name: string, texts: readonly string[]): string => {
    const file = join(folder, name)
    writeFileSync(file, texts.map(formatExportLine).join(''))
    return file
  }
  return {
    folder,
    clock,
    log,
    registry,
    issuer,
    root: join(keys, 'root.jwk.json'),
    write,
    writeRegistry: () => write('registry.jsonl', log.textsFrom(0, 1_000)),
  }
}

/** Registers a log with a first record and a signed head. */
function register({ registry }: Awaited<ReturnType<typeof makeDeployment>>) {
  const { privateKey } = generateKeyPairSync('ed25519')
  const { x = '', d = '' } = privateKey.export({ format: 'jwk' })
  const time = START.toString(16).padStart(12, '0')
  const origin = `orders/0/${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
  const signature = sign(null, Buffer.from(registrationMessage(origin)), privateKey)
  const request = { origin, publicKey: x, signature: signature.toString('base64url') }
  const result = registry.register(request, { subject: 's' })
  const { certificate } = result as { readonly certificate: string }
  const text = JSON.stringify({
    certificate,
    index: 0,
    log: origin,
    time: now.toString(),
    type: 'tokentrail.log.open',
    v: 1,
  })
  const seed = Buffer.from(d, 'base64url')
  const tree = createMerkleTree()
  tree.append(hashLeaf(text))
  const note = buildCheckpointNote({
    size: 1,
    root: tree.root(),
    timestamp: BigInt(START / 1000),
    signer: createNoteSigner(origin, seed),
    cosigner: createCosigner(origin, seed),
  })
  return { origin, text, note }
}

describe('tokentrail verify --registry', () => {
  it('is content with a live log whose head the registry holds, and lists the anchors', async () => {
    const deployment = await makeDeployment()
    const { origin, text, note } = register(deployment)
    expect(deployment.registry.addHead(note, {})).toBe('added')
    deployment.log.checkpoint()
    const exported = deployment.write('export.jsonl', [text])
    const args = ['verify', exported, '--root', deployment.root]
    const more = ['--registry', deployment.writeRegistry(), '--until', '2026-11-24T10:00:00Z']
    const ran = await runMain([...args, ...more])
    expect(ran.err).toEqual([])
    expect(ran.out).toContain(`ANCHOR  ${origin}  registry example.com/registry up to size 1`)
    expect(ran.out).toContain('VALID_UNTIL')
    expect(ran.code).toBe(0)
    expect((await runMain([...args, '--until', '2026-11-24T10:00:00Z'])).code).toBe(10)
  })

  it('names a whole log that is missing, and fails where no registry is', async () => {
    const deployment = await makeDeployment()
    const { origin } = register(deployment)
    const { text } = register(deployment)
    deployment.log.checkpoint()
    const exported = deployment.write('export.jsonl', [text])
    const args = ['verify', exported, '--root', deployment.root, '--registry']
    const missing = await runMain([...args, deployment.writeRegistry(), '--json'])
    const report = JSON.parse(missing.out) as { findings: { verdict: string; log: string }[] }
    expect(report.findings).toContainEqual(
      expect.objectContaining({ verdict: 'MISSING_LOG', log: origin }),
    )
    const until = ['--until', '2026-11-24T09:00:00Z']
    const none = await runMain([...args, exported, ...until])
    expect(none.err.join()).toContain('holds no registry')
    expect(none.code).toBe(1)
  })

  it('counts witnesses by their policy, and a checkpoint that was kept outside', async () => {
    const deployment = await makeDeployment()
    const { folder, log, root } = deployment
    const witness = openWitness({
      path: ':memory:',
      name: 'witness.example.com/w',
      seed: new Uint8Array(32).fill(7),
      logs: [{ key: log.signer.key }],
      nowSeconds: () => BigInt(START / 1000),
    })
    const policy = join(folder, 'policy.txt')
    writeFileSync(policy, `witness W ${formatVerifierKey(witness.cosigner.key)}\nquorum W\n`)
    const head = log.checkpoint()
    const { body, status } = witness.addCheckpoint(`old 0\n\n${head.note}`)
    expect(status).toBe(200)
    log.transact((append) => append({ type: 'tokentrail.log.witness', note: head.note + body }))
    log.checkpoint()
    const copy = join(folder, 'copy.note')
    writeFileSync(copy, head.note)
    const registry = deployment.writeRegistry()
    const args = ['verify', registry, '--root', root, '--policy', policy, '--checkpoint', copy]
    const ran = await runMain(args)
    expect(ran.out).toContain('witness witness.example.com/w up to size')
    expect(ran.out).toContain('copy outside up to size')
    expect(ran.out).toContain('quorum of witnesses is met')
    expect(ran.code).toBe(0)
    const other = createCosigner('witness.example.com/o', new Uint8Array(32).fill(8))
    writeFileSync(policy, `witness O ${formatVerifierKey(other.key)}\nquorum O\n`)
    writeFileSync(copy, head.note.replaceAll('example.com/registry', 'example.com/other'))
    const short = await runMain(args)
    expect(short.err).toEqual([
      expect.stringContaining('1 of the checkpoints given'),
      expect.stringContaining('met for no head'),
    ])
    expect(short.code).toBe(1)
    witness.close()
  })

  it.each([
    ['--policy', 'none.txt', 1],
    ['--authority', 'none.pem', 2],
    ['--checkpoint', 'none', 2],
  ])('refuses %s %s', async (flag, value, code) => {
    const ran = await runMain(['verify', '.', '--root', 'x', flag, value])
    expect(ran.code).toBeGreaterThan(0)
    expect([code, 2]).toContain(ran.code)
  })
})

it('a certificate of the intermediate key that skips the registry is of no known key', async () => {
  const deployment = await makeDeployment()
  const { clock, issuer, log, root, write, writeRegistry } = deployment
  const { publicKey } = generateKeyPairSync('ed25519')
  const origin = 'orders/0/01a20a23-1100-7000-8000-000000000001'
  const issuedAt = START / 1000
  const certificate = issueCertificate(
    { log: origin, publicKey, issuedAt, issuer: log.origin },
    issuer,
  )
  const text = JSON.stringify({
    certificate,
    index: 0,
    log: origin,
    time: `${issuedAt}000000000`,
    type: 'tokentrail.log.open',
    v: 1,
  })
  clock.nanos += 3_600_000_000_000n
  log.checkpoint()
  const args = ['verify', write('export.jsonl', [text]), '--root', root]
  const ran = await runMain([...args, '--registry', writeRegistry()])
  expect(ran.code).toBe(27)
  expect(ran.out).toContain('does not know its certificate')
})
