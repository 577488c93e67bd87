import {
  ATTR_COMPLIANCE_FRAMEWORK,
  ATTR_OAUTH_AUTHENTICATION_TIME,
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_GRANT_ID,
  ATTR_OAUTH_ISSUER,
  ATTR_OAUTH_SESSION_DERIVATION,
  ATTR_OAUTH_TOKEN_EXPIRES_AT,
  ATTR_OAUTH_TOKEN_FINGERPRINT,
  ATTR_OAUTH_TOKEN_ISSUED_AT,
  ATTR_OAUTH_TOKEN_SUBJECT,
  ATTR_OAUTH_TOKEN_SUBJECT_TYPE,
  ATTR_USER_HASH,
  EVENT_OAUTH_TOKEN_ISSUED,
  type SessionEndReason,
  type SessionStartReason,
} from '@tokentrail/semantic-conventions'
import type { DecodedRecord } from '../decode/decode.ts'
import type { AttributeValue } from '../record.ts'

/** What the sessionizer knows of one session. Owned by one sessionizer. */
export interface SessionState {
  readonly id: string
  /** When it began, and by which rule; the earliest that any record says while the start is due. */
  start: { nanos: bigint; reason: SessionStartReason; uid: string }
  /** Whether it went on after an end by time; sign-in and issuance lie before that end. */
  readonly reopened?: true
  /** Whether a start is out: seen, or derived before. */
  started: boolean
  /** When the first record arrived: until a moment later, others may still come before it. */
  readonly arrivedNanos: bigint
  /** Last activity, and its record. */
  seenNanos: bigint
  seenUid: string
  /** Latest `exp` of its tokens. */
  expiresNanos?: bigint
  /** The token of a session that is one token (rule `token`). */
  fingerprint?: string
  /** The token family that it goes on with; a sign-in of the same session may begin another. */
  grant?: string
  /** An end that a record is evidence of, and when it was learned: a seen one may still come. */
  evidence?: { readonly end: SessionEnd; readonly learnedNanos: bigint }
  /** Who and which rule, as the records said; copied onto start and end. */
  readonly facts: Map<string, AttributeValue>
  readonly frameworks: Set<string>
}

/** How a session ended. */
export interface SessionEnd {
  readonly nanos: bigint
  readonly reason: SessionEndReason
  readonly uids: readonly string[]
}

/** Facts of the session as a whole, not of one token or request. */
const SESSION_FACTS: readonly string[] = [
  ATTR_OAUTH_AUTHENTICATION_TIME,
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_ISSUER,
  ATTR_OAUTH_SESSION_DERIVATION,
  ATTR_OAUTH_TOKEN_SUBJECT,
  ATTR_OAUTH_TOKEN_SUBJECT_TYPE,
  ATTR_USER_HASH,
]

/** Most frameworks of one session. */
const MAX_FRAMEWORKS = 32

/** Gives the one id of a record on the wire. */
export function uidOf({ index, log }: DecodedRecord): string {
  return `${log}.${index}`
}

/** Makes the state of a session that its first record tells of. */
export function createSessionState(id: string, record: DecodedRecord, now: bigint): SessionState {
  const nanos = BigInt(record.time)
  return {
    id,
    start: { nanos, reason: 'first_seen', uid: uidOf(record) },
    started: false,
    arrivedNanos: now,
    seenNanos: nanos,
    seenUid: uidOf(record),
    facts: new Map(),
    frameworks: new Set(),
  }
}

/** Makes the state of a session that went on after an end by time: it starts at that record. */
export function reopenSessionState(
  id: string,
  record: DecodedRecord,
  now: bigint,
  facts: ReadonlyMap<string, AttributeValue>,
): SessionState {
  return { ...createSessionState(id, record, now), reopened: true, facts: new Map(facts) }
}

/** Takes one record of activity into the state. */
export function learn(state: SessionState, record: DecodedRecord): void {
  const nanos = BigInt(record.time)
  if (nanos >= state.seenNanos) {
    state.seenNanos = nanos
    state.seenUid = uidOf(record)
  }
  if (!state.started && state.start.reason === 'first_seen' && nanos < state.start.nanos) {
    state.start = { nanos, reason: 'first_seen', uid: uidOf(record) }
  }
  learnFacts(state, record)
}

/** Takes what a record says of the session as a whole, without counting it as activity. */
export function learnFacts(state: SessionState, record: DecodedRecord): void {
  const { attributes } = record
  for (const name of SESSION_FACTS) {
    const value = attributes[name]
    if (value !== undefined && !state.facts.has(name)) state.facts.set(name, value)
  }
  const frameworks = attributes[ATTR_COMPLIANCE_FRAMEWORK]
  if (Array.isArray(frameworks)) {
    for (const framework of frameworks as readonly string[]) {
      if (state.frameworks.size < MAX_FRAMEWORKS) state.frameworks.add(framework)
    }
  }
  const expires = readNanos(attributes[ATTR_OAUTH_TOKEN_EXPIRES_AT])
  if (expires !== undefined && expires > (state.expiresNanos ?? 0n)) state.expiresNanos = expires
  const grant = attributes[ATTR_OAUTH_GRANT_ID]
  if (typeof grant === 'string') state.grant = grant
  if (isOneToken(state)) learnToken(state, record)
  if (!state.started && state.reopened === undefined) learnStart(state, record)
}

/** Says whether the session is one token, so that no other can carry it on. */
export function isOneToken({ facts }: SessionState): boolean {
  return facts.get(ATTR_OAUTH_SESSION_DERIVATION) === 'token'
}

function learnToken(state: SessionState, { attributes }: DecodedRecord): void {
  const fingerprint = attributes[ATTR_OAUTH_TOKEN_FINGERPRINT]
  if (typeof fingerprint === 'string') state.fingerprint ??= fingerprint
}

/** Sign-in beats issuance, issuance beats first sight: whichever record tells of it. */
function learnStart(state: SessionState, record: DecodedRecord): void {
  const signedIn = readNanos(record.attributes[ATTR_OAUTH_AUTHENTICATION_TIME])
  if (signedIn !== undefined && !isOneToken(state)) {
    state.start = { nanos: signedIn, reason: 'auth_time', uid: uidOf(record) }
  } else if (state.start.reason !== 'auth_time') {
    const issued = issuedNanos(state, record)
    if (issued === undefined) return
    state.start = { nanos: issued, reason: 'issuance', uid: uidOf(record) }
  }
}

function issuedNanos(state: SessionState, record: DecodedRecord): bigint | undefined {
  if (record.type === EVENT_OAUTH_TOKEN_ISSUED) return BigInt(record.time)
  return isOneToken(state) ? readNanos(record.attributes[ATTR_OAUTH_TOKEN_ISSUED_AT]) : undefined
}

/** Reads an ISO 8601 time as nanoseconds since 1970. */
function readNanos(value: AttributeValue | undefined): bigint | undefined {
  if (typeof value !== 'string' || value.length > 64) return undefined
  const millis = Date.parse(value)
  return Number.isFinite(millis) && millis >= 0 ? BigInt(millis) * 1_000_000n : undefined
}
