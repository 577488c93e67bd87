import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
} from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  generateSigningJwk,
  issueIssuerCertificate,
  issueRegistryCertificate,
  loadSigningKey,
  type SigningJwk,
  type SigningKey,
} from '@tokentrail/exporter'
import {
  buildCheckpointNote,
  createCosigner,
  createMerkleTree,
  createNoteSigner,
  hashLeaf,
} from '@tokentrail/ledger'
import { onTestFinished } from 'vitest'
import {
  openRegistryDatabase,
  type RegistryDatabase,
} from '../../src/registry/registry-database.ts'
import { RegistryLog, type RegistryKey } from '../../src/registry/registry-log.ts'
import {
  Registry,
  registrationMessage,
  type RegistrationRequest,
} from '../../src/registry/registry.ts'

export const ORIGIN = 'example.com/registry'
export const START_MILLIS = Date.parse('2026-11-24T10:00:00Z')

export interface TestClock {
  millis: number
  now(): bigint
}

function createClock(): TestClock {
  const clock = { millis: START_MILLIS, now: () => BigInt(clock.millis) * 1_000_000n }
  return clock
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tokentrail-registry-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function toKey(folder: string, name: string, jwk: object): SigningKey {
  const file = join(folder, `${name}.jwk.json`)
  writeFileSync(file, JSON.stringify(jwk), { mode: 0o600 })
  return loadSigningKey(file)
}

const publicKeyOf = (jwk: SigningJwk) =>
  createPublicKey(createPrivateKey({ key: { ...jwk }, format: 'jwk' }))

export interface TestKeys {
  readonly root: SigningKey
  readonly issuer: SigningKey
  readonly key: RegistryKey
}

/** The keys of a deployment as `tokentrail keys init` makes them. */
export function makeKeys(folder: string, nowMillis: number = START_MILLIS): TestKeys {
  const issuedAt = Math.floor(nowMillis / 1000) - 3600
  const claims = { issuer: 'example.com', issuedAt, expires: issuedAt + 100_000_000 }
  const root = toKey(folder, 'root-private', generateSigningJwk())
  const instance = generateSigningJwk()
  const certificate = issueIssuerCertificate(
    { ...claims, publicKey: publicKeyOf(instance), use: 'endpoint' },
    root,
  )
  const registry = generateSigningJwk()
  return {
    root,
    issuer: toKey(folder, 'instance', { ...instance, certificate }),
    key: {
      origin: ORIGIN,
      d: registry.d,
      certificate: issueRegistryCertificate(
        { ...claims, publicKey: publicKeyOf(registry), log: ORIGIN },
        root,
      ),
    },
  }
}

export interface TestRegistry {
  readonly registry: Registry
  readonly log: RegistryLog
  readonly store: RegistryDatabase
  readonly forks: string[]
  readonly clock: TestClock
  readonly keys: TestKeys
  /** Every text of the log. */
  readonly texts: () => readonly string[]
}

export function openTestRegistry(
  path = ':memory:',
  keys: TestKeys = makeKeys(temporaryFolder()),
  clock: TestClock = createClock(),
): TestRegistry {
  const store = openRegistryDatabase(path)
  let isOpen = true
  const close = (): void => {
    if (isOpen) store.close()
    isOpen = false
  }
  onTestFinished(close)
  const forks: string[] = []
  const now = (): bigint => clock.now()
  const log = new RegistryLog({ database: store.database, key: keys.key, now })
  const registry = new Registry({
    log,
    issuer: keys.issuer,
    rules: [
      { subject: 'system:serviceaccount:prod:*', services: ['orders'], slots: ['orders-*'] },
      { subject: 'podded', services: ['*'], slots: ['{pod}'] },
    ],
    now,
    onFork: (message) => forks.push(message),
  })
  return {
    registry,
    log,
    store: { database: store.database, close },
    forks,
    clock,
    keys,
    texts: () => log.textsFrom(0, 1_000_000),
  }
}

export const ORDERS = { subject: 'system:serviceaccount:prod:orders' }

/** An instance with a key, a log and its heads. */
export function makeInstance(service = 'orders', slot = 'orders-1', millis = START_MILLIS) {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const { x = '', d = '' } = privateKey.export({ format: 'jwk' })
  const time = millis.toString(16).padStart(12, '0')
  const uuid = `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`
  const origin = `${encodeURIComponent(service)}/${encodeURIComponent(slot)}/${uuid}`
  const seed = Buffer.from(d, 'base64url')
  const signer = createNoteSigner(origin, seed)
  const cosigner = createCosigner(origin, seed)
  const treeOf = (size: number, salt: string) => {
    const tree = createMerkleTree()
    for (let i = 0; i < size; i++) tree.append(hashLeaf(`${salt} ${i}`))
    return tree
  }
  const request: RegistrationRequest = {
    origin,
    publicKey: x,
    signature: sign(null, Buffer.from(registrationMessage(origin)), privateKey).toString(
      'base64url',
    ),
  }
  return {
    origin,
    publicKey,
    request,
    rootOf: (size: number, salt = 'a') => treeOf(size, salt).root(),
    head: (size: number, salt = 'a') =>
      buildCheckpointNote({
        size,
        root: treeOf(size, salt).root(),
        timestamp: BigInt(Math.floor(millis / 1000) + size),
        signer,
        cosigner,
      }),
    leaves: (size: number, salt = 'a') =>
      Array.from({ length: size }, (_, i) => hashLeaf(`${salt} ${i}`)),
  }
}
