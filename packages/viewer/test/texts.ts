import { canonicalize } from '@tokentrail/ledger'

/** Members that a test may set of a record. */
export interface TextOptions {
  readonly type?: string
  readonly log?: string
  readonly index?: number
  readonly time?: string | bigint
  readonly session?: string
  readonly trace?: string
  readonly attributes?: Readonly<Record<string, unknown>>
  readonly members?: Readonly<Record<string, unknown>>
}

export const LOG = 'orders-api/slot-0/01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94'
export const START = 1_795_470_000_000_000_000n

/** 22 characters of base64url that begin with a word. */
export function pseudonym(word: string): string {
  return word.padEnd(22, '_').slice(0, 22)
}

/** Canonical text of a record. */
export function buildText(options: TextOptions = {}): string {
  const { type = 'oauth.request', log = LOG, index = 0, time = START, session, trace } = options
  return canonicalize({
    v: 1,
    log,
    index,
    type,
    time: String(time),
    ...(session === undefined ? {} : { session }),
    ...(trace === undefined ? {} : { trace }),
    ...(options.attributes === undefined ? {} : { attributes: options.attributes }),
    ...options.members,
  })
}

/** Canonical text of an identity record. */
export function buildIdentityText(kind: string, hash: string, value: string, issuer = ''): string {
  return canonicalize({
    v: 1,
    log: LOG,
    time: String(START),
    type: 'tokentrail.identity',
    attributes: {
      'tokentrail.identity.kind': kind,
      'tokentrail.identity.issuer': issuer,
      'tokentrail.identity.pseudonym': hash,
      'tokentrail.identity.value': value,
      'tokentrail.identity.key': 'k1.1',
    },
  })
}

/** OTLP message with one log record per text. */
export function buildOtlp(texts: readonly string[]): object {
  const logRecords = texts.map((text) => ({
    eventName: String((JSON.parse(text) as { type: unknown }).type),
    body: { stringValue: text },
  }))
  return { resourceLogs: [{ resource: {}, scopeLogs: [{ scope: {}, logRecords }] }] }
}
