import { CompactSign, importJWK } from 'jose'
import {
  CERTIFICATE_TYPE,
  CHECKPOINT_TYPE,
  LOST_LEAF,
  RECOVERED_TYPE,
  buildCheckpointNote,
  buildClosingCheckpointText,
  buildRoot,
  canonicalize,
  createCosigner,
  createMerkleTree,
  createNoteSigner,
  encodeCheckpointMembers,
  encodeRecoveredMembers,
  encodeRoutes,
  formatBase64Url,
  hashLeaf,
  type Cosigner,
  type Frontier,
  type NoteSigner,
} from '../src/index.ts'
import { concatBytes } from '../src/bytes.ts'
import vector from './vectors/whole-log.json' with { type: 'json' }

/** Public half of the key that certifies every log of the tests (RFC 8032 §7.1, test 2). */
export const ROOT = { kty: 'OKP', crv: 'Ed25519', x: vector.rootKey.x }
export const START_SECONDS = 1_795_466_400

export interface TestLogOptions {
  readonly log?: string
  /** Ordinary records. Default is 40. */
  readonly count?: number
  /** Ordinary records per checkpoint. Default is 6. */
  readonly every?: number
  /** Every how many checkpoints one carries a frontier. Default is 0: none does. */
  readonly frontierEvery?: number
  /** Routes of the i-th ordinary record. Default is the default route. */
  readonly routes?: (i: number) => readonly string[]
  /** How it ends: sealed, right after a checkpoint, or with records above it. Default is sealed. */
  readonly end?: 'sealed' | 'checkpoint' | 'tail'
  /** Salt of the ordinary records from some index on: two logs that differ there are a fork. */
  readonly salt?: (i: number) => string
  /** Leaf hash that is signed in place of the record's own. */
  readonly leafAt?: (index: number) => Uint8Array | undefined
  /** Byte that the instance key is made of. Default is 7. */
  readonly keyByte?: number
  /** Members of further records that stand behind record 0. */
  readonly extras?: readonly Record<string, unknown>[]
  readonly issuer?: string
  readonly certificate?: CertificateOptions
}

export interface CertificateOptions {
  readonly nbf?: number
  readonly exp?: number
  readonly log?: string
  readonly typ?: string
  readonly rootKey?: { kty: string; crv: string; x: string; d: string }
  /** Signs the key of another seed byte. */
  readonly keyByte?: number
}

export interface TestLog {
  readonly log: string
  readonly texts: string[]
  /** Routes of its records, in their order. */
  readonly routes: readonly (readonly string[])[]
  /** Indexes of the checkpoint records. */
  readonly checkpoints: readonly number[]
  readonly size: number
  /** Root over all of its records, the last checkpoint included. */
  readonly root: Uint8Array
  readonly lastSignedSize: number
  readonly signer: NoteSigner
  readonly cosigner: Cosigner
}

/** Builds a log as a recorder does, with keys and times that are the same in every run. */
export async function buildTestLog(options: TestLogOptions = {}): Promise<TestLog> {
  const { count = 40, every = 6, end = 'sealed' } = options
  const writer = new LogWriter(options)
  writer.certificate = await signCertificate(writer.log, options)
  writer.write({ type: 'tokentrail.log.open', certificate: writer.certificate })
  for (const extra of options.extras ?? []) writer.write(extra)
  for (let i = 0; i < count; i++) {
    writer.write(buildRequest(i, options.salt?.(i) ?? ''), options.routes?.(i) ?? [])
    const isLast = i === count - 1
    if ((i + 1) % every === 0 && !(isLast && end === 'tail')) writer.checkpoint()
  }
  if (end === 'checkpoint' && writer.uncovered > 0) writer.checkpoint()
  if (end === 'sealed') writer.seal()
  return writer.finish()
}

export async function signCertificate(log: string, options: TestLogOptions = {}): Promise<string> {
  const { certificate = {}, keyByte = 7, issuer = 'registry.example.com' } = options
  const key = createNoteSigner(log, seedOf(certificate.keyByte ?? keyByte)).key.publicKey
  const claims = {
    cnf: { jwk: { kty: 'OKP', crv: 'Ed25519', x: formatBase64Url(key) } },
    iss: issuer,
    iat: certificate.nbf ?? START_SECONDS,
    nbf: certificate.nbf ?? START_SECONDS,
    exp: certificate.exp ?? START_SECONDS + 86_400,
    log: certificate.log ?? log,
  }
  return new CompactSign(new TextEncoder().encode(canonicalize(claims)))
    .setProtectedHeader({ alg: 'Ed25519', typ: certificate.typ ?? CERTIFICATE_TYPE })
    .sign(await importJWK(certificate.rootKey ?? vector.rootKey, 'EdDSA'))
}

export function seedOf(byte: number): Uint8Array {
  return new Uint8Array(32).fill(byte)
}

function buildRequest(i: number, salt: string): Record<string, unknown> {
  return {
    type: 'oauth.request',
    session: `session-${i % 5}`,
    trace: '4bf92f3577b34da6a3ce929d0e0e4736',
    span: '00f067aa0ba902b7',
    attributes: {
      'http.request.method': 'GET',
      'http.response.status_code': 200 + (i % 2),
      'oauth.decision': 'allow',
      'oauth.token.scopes': ['read', 'write'],
      'user_agent.name': `agent ${i}${salt}`,
    },
  }
}

class LogWriter {
  readonly log: string
  certificate = ''
  readonly #texts: string[] = []
  readonly #leaves: Uint8Array[] = []
  readonly #routes: (readonly string[])[] = []
  readonly #checkpoints: number[] = []
  readonly #tree = createMerkleTree()
  readonly #signer: NoteSigner
  readonly #cosigner: Cosigner
  readonly #frontierEvery: number
  readonly #leafAt: TestLogOptions['leafAt']
  #from = 0
  #fromFrontier: Frontier = { size: 0, hashes: [] }

  constructor(options: TestLogOptions) {
    const { log = 'orders/0/test-log', keyByte = 7, frontierEvery = 0 } = options
    this.#leafAt = options.leafAt
    this.log = log
    this.#signer = createNoteSigner(log, seedOf(keyByte))
    this.#cosigner = createCosigner(log, seedOf(keyByte))
    this.#frontierEvery = frontierEvery
  }

  get uncovered(): number {
    return this.#texts.length - this.#from - (this.#from === 0 ? 0 : 1)
  }

  get #seconds(): number {
    return START_SECONDS + this.#texts.length
  }

  write(members: Record<string, unknown>, routes: readonly string[] = ['*']): void {
    const base = { v: 1, log: this.log, index: this.#texts.length }
    const time = `${this.#seconds}000000123`
    this.#append(canonicalize({ ...base, time, ...members }), routes)
  }

  checkpoint(): void {
    const at = this.#checkpoints.length + 1
    const withFrontier = this.#frontierEvery > 0 && at % this.#frontierEvery === 0
    const from = this.#from
    const members = encodeCheckpointMembers({
      note: this.#signHead(),
      from,
      leafHashes: this.#leaves.slice(from),
      routes: encodeRoutes(this.#routes.slice(from)),
      ...(withFrontier && { frontier: this.#fromFrontier, certificate: this.certificate }),
    })
    this.#startWindow()
    this.write({ type: CHECKPOINT_TYPE, ...members })
  }

  seal(): void {
    if (this.uncovered > 0) this.checkpoint()
    this.write({ type: 'tokentrail.log.close', count: this.#texts.length, reason: 'shutdown' })
    const text = buildClosingCheckpointText({
      log: this.log,
      index: this.#texts.length,
      from: this.#from,
      leaves: concatBytes(...this.#leaves.slice(this.#from)),
      note: this.#signHead(),
    })
    this.#startWindow()
    this.#append(text, ['*'])
  }

  finish(): TestLog {
    return {
      log: this.log,
      texts: this.#texts,
      routes: this.#routes,
      checkpoints: this.#checkpoints,
      size: this.#tree.size,
      root: this.#tree.root(),
      lastSignedSize: this.#from,
      signer: this.#signer,
      cosigner: this.#cosigner,
    }
  }

  #signHead(): string {
    return buildCheckpointNote({
      size: this.#texts.length,
      root: this.#tree.root(),
      timestamp: BigInt(this.#seconds),
      signer: this.#signer,
      cosigner: this.#cosigner,
    })
  }

  #startWindow(): void {
    this.#from = this.#texts.length
    this.#fromFrontier = this.#tree.frontier()
    this.#checkpoints.push(this.#from)
  }

  #append(text: string, routes: readonly string[]): void {
    const leaf = this.#leafAt?.(this.#texts.length) ?? hashLeaf(text)
    this.#texts.push(text)
    this.#leaves.push(leaf)
    this.#routes.push(routes)
    this.#tree.append(leaf)
  }
}

/** The `log.recovered` of early recorders: what a successor writes about a log, without its leaves. */
export function buildRecovered(
  previous: TestLog,
  size: number = previous.size,
): Record<string, unknown> {
  const { log: prevLog, lastSignedSize } = previous
  const prevRoot = rootOf(previous, size)
  return {
    type: RECOVERED_TYPE,
    ...encodeRecoveredMembers({ prevLog, prevSize: size, prevRoot, lastSignedSize }),
  }
}

/** The same with the leaves `[from, size)`, of which some are lost. */
export function buildCarrying(
  previous: TestLog,
  from: number = previous.lastSignedSize,
  size: number = previous.size,
  lost: readonly number[] = [],
): Record<string, unknown> {
  const { log: prevLog, lastSignedSize, texts, routes } = previous
  const hashes = texts
    .slice(0, size)
    .map((text, index) => (lost.includes(index) ? LOST_LEAF : hashLeaf(text)))
  const found = routes.slice(from, size).map((own, i) => (lost.includes(from + i) ? ['*'] : own))
  const tail = {
    from,
    leaves: concatBytes(...hashes.slice(from)),
    routes: encodeRoutes(found),
  }
  const prevRoot = buildRoot(hashes)
  return {
    type: RECOVERED_TYPE,
    ...encodeRecoveredMembers({ prevLog, prevSize: size, prevRoot, lastSignedSize, tail }),
  }
}

function rootOf({ texts }: TestLog, size: number): Uint8Array {
  const tree = createMerkleTree()
  for (const text of texts.slice(0, size)) tree.append(hashLeaf(text))
  return tree.root()
}
