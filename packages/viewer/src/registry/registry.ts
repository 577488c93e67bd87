import { createPublicKey, verify } from 'node:crypto'
import { issueCertificate, type SigningKey } from '@tokentrail/exporter'
import {
  COSIGNATURE_TYPE,
  createVerifierKey,
  ED25519_TYPE,
  formatBase64,
  LedgerError,
  formatNote,
  openNote,
  parseBase64Url,
  parseCheckpoint,
  verifyConsistency,
} from '@tokentrail/ledger'
import { isAllowed, type InstanceIdentity, type InstanceRule } from './instance-rules.ts'
import { describeFork, RegistryAlarms } from './registry-alarms.ts'
import type { RegistryLog } from './registry-log.ts'

/** What an instance sends to have its log certified. */
export interface RegistrationRequest {
  /** `<service>/<slot>/<log uuid v7>`, each part through `encodeURIComponent`. */
  readonly origin: string
  /** Raw public Ed25519 key of the log, base64url: `x` of its JWK. */
  readonly publicKey: string
  /** Signature of the log's key over {@link registrationMessage}, base64url. */
  readonly signature: string
}

/** What the registry answers: a certificate, or why not. */
export type RegistrationResult =
  | { readonly status: 'issued'; readonly certificate: string }
  | {
      readonly status: 'refused'
      readonly code: 'MALFORMED' | 'NO_POSSESSION' | 'FOREIGN_SLOT' | 'ORIGIN_USED'
      readonly message: string
    }

/** What became of a head that was offered. */
export type HeadResult =
  | 'added'
  /** It, or a later one, was known. */
  | 'known'
  /** No log of that origin has registered. */
  | 'unknown-log'
  /** Its signature fails. */
  | 'unsigned'
  /** Nothing shows that it follows from the head that is held. */
  | 'unproven'
  /** It is signed and contradicts the head that is held: kept as evidence. */
  | 'fork'

/** What bears a head out. */
export interface HeadEvidence {
  /** Consistency proof between the head that is held and this one, the smaller size first. */
  readonly proof?: readonly Uint8Array[]
  /** Root over the first so many leaves of whoever holds the whole log. */
  readonly rootAt?: (size: number) => Uint8Array | undefined
}

/** Options of {@link Registry}. */
export interface RegistryOptions {
  readonly log: RegistryLog
  /** Certifies logs; a root has certified it for an endpoint. */
  readonly issuer: SigningKey
  readonly rules: readonly InstanceRule[]
  /** Nanoseconds since 1970 UTC. */
  readonly now: () => bigint
  /** Told of a head that contradicts another, in one sentence. */
  readonly onFork: (message: string) => void
}

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
/** How far the time in a log's uuid may be from the registry's clock. */
const UUID_MILLIS = 86_400_000

/** The text that an instance signs with its log's key, to show that it has it. */
export function registrationMessage(origin: string): string {
  return `tokentrail-registration/v1\n${origin}\n`
}

/**
 * The registry of a deployment: certifies the logs of instances, and keeps their heads. Whatever it
 * answers stands in its log, durably, before the answer leaves. One thread owns it.
 */
export class Registry {
  readonly #options: RegistryOptions
  /** Contradictions that it has seen; kept in its store. */
  readonly alarms: RegistryAlarms

  constructor(options: RegistryOptions) {
    this.#options = options
    this.alarms = new RegistryAlarms(options.log.database)
  }

  get log(): RegistryLog {
    return this.#options.log
  }

  /**
   * Certifies a log. A repeated request, of which the answer was lost, gets the same certificate;
   * another key for a known origin is refused.
   */
  register(request: RegistrationRequest, identity: InstanceIdentity): RegistrationResult {
    const refusal = this.#refuse(request, identity)
    if (refusal !== undefined) return refusal
    const { origin, publicKey } = request
    const { log, issuer, now } = this.#options
    return log.transact((append) => {
      const held = this.#findLog(origin)
      if (held !== undefined) {
        if (held.key === publicKey) return { status: 'issued', certificate: held.certificate }
        return refuse('ORIGIN_USED', 'a log of this origin has registered with another key')
      }
      const certificate = issueCertificate(
        {
          log: origin,
          publicKey: importKey(publicKey),
          issuedAt: Number(now() / 1_000_000_000n),
          issuer: log.origin,
        },
        issuer,
      )
      const index = append({ type: 'tokentrail.registry.log', origin, certificate })
      log.database.prepare('INSERT INTO logs VALUES (?, ?, ?)').run(origin, index, publicKey)
      return { status: 'issued', certificate }
    })
  }

  /** Takes a signed head of a registered log. */
  addHead(text: string, evidence: HeadEvidence): HeadResult {
    const head = this.#openHead(text)
    if (typeof head === 'string') return head
    const held = this.#findHead(head.origin)
    const relation = held === undefined ? 'follows' : relate(held, head, evidence)
    if (relation === 'unproven') return 'unproven'
    if (relation === 'same' || relation === 'precedes') return 'known'
    const { log, onFork, now } = this.#options
    const { origin, size, root, seconds, note } = head
    const conflict =
      relation === 'forks'
        ? `it contradicts the head of size ${held?.size} that is held`
        : undefined
    if (conflict !== undefined && this.alarms.isForkKnown(note, origin)) return 'fork'
    const message = describeFork(origin, size)
    log.transact((append) => {
      append({
        type: 'tokentrail.registry.head',
        origin,
        size,
        root: formatBase64(root),
        note,
        ...(conflict !== undefined && { conflict }),
      })
      if (conflict === undefined) {
        log.database
          .prepare('INSERT OR REPLACE INTO heads VALUES (?, ?, ?, ?)')
          .run(origin, size, root, seconds)
      } else {
        const time = now().toString()
        this.alarms.raiseFork(note, { kind: 'log', subject: origin, message, time })
      }
    })
    if (conflict === undefined) return 'added'
    onFork(`FORK: ${message}`)
    return 'fork'
  }

  /** The newest head that is held of a log. */
  headOf(origin: string): { readonly size: number; readonly seconds: number } | undefined {
    return this.#findHead(origin)
  }

  /** Whether a log has registered. */
  knows(origin: string): boolean {
    return this.#findLog(origin) !== undefined
  }

  #refuse(
    { origin, publicKey, signature }: RegistrationRequest,
    identity: InstanceIdentity,
  ): Extract<RegistrationResult, { status: 'refused' }> | undefined {
    const parts = parseOrigin(origin)
    if (parts === undefined) {
      return refuse('MALFORMED', '"origin" must be <service>/<slot>/<uuid v7>, each encoded')
    }
    const nowMillis = Number(this.#options.now() / 1_000_000n)
    if (Math.abs(parts.millis - nowMillis) > UUID_MILLIS) {
      return refuse('MALFORMED', '"origin" has a uuid of another day: check the clock')
    }
    if (!/^[A-Za-z0-9_-]{43}$/.test(publicKey)) {
      return refuse('MALFORMED', '"publicKey" must be 43 characters of base64url')
    }
    if (!isPossessed(origin, publicKey, signature)) {
      return refuse('NO_POSSESSION', '"signature" is not one of the key over the origin')
    }
    if (isAllowed(this.#options.rules, identity, parts)) return undefined
    return refuse('FOREIGN_SLOT', 'this instance may not have a log of this service and slot')
  }

  /** A note may carry lines of anybody, twice too: the registry keeps the log's own, each once. */
  #openHead(text: string): OpenedHead | 'unknown-log' | 'unsigned' {
    try {
      const { origin, size, root } = parseCheckpoint(text.slice(0, text.lastIndexOf('\n\n') + 1))
      const log = this.#findLog(origin)
      if (log === undefined) return 'unknown-log'
      const key = parseBase64Url(log.key)
      const keys = [ED25519_TYPE, COSIGNATURE_TYPE].map((type) =>
        createVerifierKey(origin, type, key),
      )
      const opened = openNote(text, keys)
      const signatures = keys.flatMap(
        ({ name, id }) =>
          opened.signatures.find((line) => line.name === name && line.id === id) ?? [],
      )
      const seconds = opened.verified.find(({ timestamp }) => timestamp !== undefined)?.timestamp
      if (signatures.length < keys.length || seconds === undefined) return 'unsigned'
      const note = formatNote({ text: opened.text, signatures })
      return { origin, size: Number(size), root, seconds: Number(seconds), note }
    } catch (error) {
      if (error instanceof LedgerError) return 'unsigned'
      throw error
    }
  }

  #findLog(origin: string): { readonly certificate: string; readonly key: string } | undefined {
    const select = 'SELECT text, key FROM logs JOIN leaves USING (idx) WHERE origin = ?'
    const row = this.log.database.prepare(select).get(origin)
    if (row === undefined) return undefined
    const { certificate } = JSON.parse(String(row['text'])) as { readonly certificate: string }
    return { certificate, key: String(row['key']) }
  }

  #findHead(origin: string): SignedHead | undefined {
    const select = 'SELECT size, root, seconds FROM heads WHERE origin = ?'
    const row = this.log.database.prepare(select).get(origin)
    return (
      row && {
        origin,
        size: Number(row['size']),
        root: row['root'] as Uint8Array,
        seconds: Number(row['seconds']),
      }
    )
  }
}

interface SignedHead {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  readonly seconds: number
}

/** A head as it was handed in. */
interface OpenedHead extends SignedHead {
  /** With the log's two signature lines and no other. */
  readonly note: string
}

type Relation = 'follows' | 'precedes' | 'same' | 'forks' | 'unproven'

/**
 * How a head stands to the one that is held. A proof that does not hold shows nothing; a whole log
 * that gives one of the two roots and not the other shows a fork.
 */
function relate(held: SignedHead, head: SignedHead, { proof, rootAt }: HeadEvidence): Relation {
  if (head.size === held.size) return isEqual(head.root, held.root) ? 'same' : 'forks'
  const [smaller, larger] = head.size < held.size ? [head, held] : [held, head]
  const relation = head === larger ? 'follows' : 'precedes'
  if (proof !== undefined && isConsistent(smaller, larger, proof)) return relation
  const own = rootAt?.(head.size)
  if (own === undefined || !isEqual(own, head.root)) return 'unproven'
  const other = rootAt?.(held.size)
  if (other === undefined) return 'unproven'
  return isEqual(other, held.root) ? relation : 'forks'
}

function isConsistent(
  smaller: SignedHead,
  larger: SignedHead,
  proof: readonly Uint8Array[],
): boolean {
  try {
    verifyConsistency({
      size1: BigInt(smaller.size),
      size2: BigInt(larger.size),
      root1: smaller.root,
      root2: larger.root,
      proof,
    })
    return true
  } catch (error) {
    if (error instanceof LedgerError) return false
    throw error
  }
}

/** Service, slot and time of a log's origin; `undefined` for one that is not in its one form. */
function parseOrigin(
  origin: string,
): { readonly service: string; readonly slot: string; readonly millis: number } | undefined {
  const [service = '', slot = '', uuid = '', ...rest] = origin.split('/')
  if (rest.length > 0 || service === '' || slot === '' || !UUID_V7.test(uuid)) return undefined
  if (origin.length > 500) return undefined
  try {
    const parts = [service, slot].map((part) => decodeURIComponent(part))
    if (parts.some((part, at) => encodeURIComponent(part) !== [service, slot][at])) return undefined
    const millis = Number.parseInt(uuid.slice(0, 8) + uuid.slice(9, 13), 16)
    return { service: parts[0]!, slot: parts[1]!, millis }
  } catch {
    return undefined
  }
}

function isPossessed(origin: string, publicKey: string, signature: string): boolean {
  try {
    const message = Buffer.from(registrationMessage(origin))
    return verify(null, message, importKey(publicKey), Buffer.from(signature, 'base64url'))
  } catch {
    return false
  }
}

function importKey(x: string): ReturnType<typeof createPublicKey> {
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}

function refuse(
  code: Extract<RegistrationResult, { status: 'refused' }>['code'],
  message: string,
): Extract<RegistrationResult, { status: 'refused' }> {
  return { status: 'refused', code, message }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
