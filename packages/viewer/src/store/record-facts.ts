/** What the store reads from a record's canonical text. Anything of a wrong type counts as absent. */
export interface RecordFacts {
  readonly log: string
  readonly index: number
  readonly type: string
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly time: string
  readonly session: string | null
  readonly trace: string | null
  readonly span: string | null
  readonly attributes: Readonly<Record<string, unknown>>
}

/** An identity record: the clear value of one pseudonym. */
export interface IdentityFacts {
  readonly kind: string
  readonly issuer: string
  readonly pseudonym: string
  readonly value: string
  /** Id and epoch of the pseudonym key. */
  readonly key: string
}

/** What a text turned out to be. */
export type ReadText =
  | { readonly kind: 'record'; readonly facts: RecordFacts }
  | { readonly kind: 'identity'; readonly identity: IdentityFacts }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unreadable'; readonly problem: string }

/** Longest text that is kept, in UTF-16 units; a record has at most 8,000 bytes. */
const MAX_TEXT_LENGTH = 65_535
const MAX_INT64 = 9_223_372_036_854_775_807n
const OURS = /^(?:oauth|tokentrail)\./

/**
 * Reads the facts of one canonical text. A text is _foreign_ when nothing says that a Tokentrail
 * recorder made it, and _unreadable_ when its event name says so and its content does not.
 */
export function readText(text: string, eventName: string | undefined): ReadText {
  const value = parseObject(text)
  const claimed = OURS.test(eventName ?? '')
  if (value === undefined) {
    return claimed ? unreadable('body is no JSON object') : { kind: 'foreign' }
  }
  const type = value['type']
  if (!claimed && !(typeof type === 'string' && OURS.test(type))) return { kind: 'foreign' }
  if (text.length > MAX_TEXT_LENGTH) return unreadable('body is longer than a record may be')
  if (type === 'tokentrail.identity') return readIdentity(value)
  return readRecord(value)
}

function readRecord(value: Readonly<Record<string, unknown>>): ReadText {
  const { v, log, index, type, time } = value
  if (v !== 1) return unreadable('member "v" is not 1')
  if (!isName(log)) return unreadable('member "log" is no origin')
  if (!isName(type)) return unreadable('member "type" is no event name')
  if (typeof index !== 'number' || !Number.isSafeInteger(index) || index < 0) {
    return unreadable('member "index" is no integer from 0')
  }
  if (!isNanos(time)) return unreadable('member "time" is no decimal number of nanoseconds')
  return {
    kind: 'record',
    facts: {
      log,
      index,
      type,
      time,
      session: toText(value['session']),
      trace: toText(value['trace']),
      span: toText(value['span']),
      attributes: toObject(value['attributes']) ?? {},
    },
  }
}

function readIdentity(value: Readonly<Record<string, unknown>>): ReadText {
  const attributes = toObject(value['attributes']) ?? {}
  const kind = attributes['tokentrail.identity.kind']
  const issuer = attributes['tokentrail.identity.issuer'] ?? ''
  const key = attributes['tokentrail.identity.key'] ?? ''
  const pseudonym = attributes['tokentrail.identity.pseudonym']
  const clear = attributes['tokentrail.identity.value']
  if (!isName(kind) || !isName(pseudonym) || typeof clear !== 'string') {
    return unreadable('identity record lacks kind, pseudonym or value')
  }
  if (typeof issuer !== 'string' || typeof key !== 'string') {
    return unreadable('identity record has no readable issuer or key')
  }
  return { kind: 'identity', identity: { kind, issuer, pseudonym, value: clear, key } }
}

/** Text attribute of a record, else `null`. */
export function textOf(facts: RecordFacts, name: string): string | null {
  return toText(facts.attributes[name])
}

/** Integer attribute of a record, else `null`. */
export function integerOf(facts: RecordFacts, name: string): number | null {
  const value = facts.attributes[name]
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

/** Text members of an array attribute; empty when there are none. */
export function textsOf(facts: RecordFacts, name: string): readonly string[] {
  const value = facts.attributes[name]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function unreadable(problem: string): ReadText {
  return { kind: 'unreadable', problem }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return toObject(JSON.parse(text))
  } catch {
    return undefined
  }
}

function toObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  return isObject ? (value as Record<string, unknown>) : undefined
}

function toText(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 1024
}

function isNanos(value: unknown): value is string {
  return (
    typeof value === 'string' && /^(?:0|[1-9]\d{0,18})$/.test(value) && BigInt(value) <= MAX_INT64
  )
}
