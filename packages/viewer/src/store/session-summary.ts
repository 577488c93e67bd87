import type { SessionBoundary, SessionDerivation, SessionSummary } from '../api-types.ts'
import { textOf, textsOf, type RecordFacts } from './record-facts.ts'
import { parseOrigin } from './terms.ts'
import { toSubjectType } from './token-table.ts'

/** A summary as it is stored: the person by pseudonym alone, so that erasure needs no rewrite. */
export type StoredSession = Omit<SessionSummary, 'user'> & {
  readonly user: string | null
  /** Whether a record that nobody derived was seen; until then the times are those derived. */
  readonly witnessed: boolean
  /** When the session was last used; a refusal, a revocation and its end are no use of it. */
  readonly lastUsed: string | null
}

const MAX_LIST = 64
const NO_USE: ReadonlySet<string> = new Set([
  'oauth.grant.revoked',
  'oauth.request.rejected',
  'oauth.session.end',
  'oauth.token.revoked',
])
const DERIVATIONS: ReadonlySet<string> = new Set(['sid', 'grant', 'auth_time', 'token'])

/** Makes the summary of a session of which nothing but this record is known yet. */
export function createSession(id: string, record: RecordFacts): StoredSession {
  return {
    id,
    derivation: null,
    user: null,
    subjectType: null,
    client: null,
    issuer: null,
    start: null,
    end: null,
    active: true,
    requests: 0,
    rejections: 0,
    firstSeen: record.time,
    lastSeen: record.time,
    scopes: [],
    services: [],
    frameworks: [],
    witnessed: false,
    lastUsed: null,
  }
}

/**
 * Takes one record of a session into its summary. The result does not depend on the order of the
 * records, but for the identity facts, where the first to arrive stands.
 */
export function foldRecord(session: StoredSession, record: RecordFacts): StoredSession {
  const derived = record.attributes['oauth.session.derived'] === true
  const folded = foldBoundaries(foldIdentity(session, record), record, derived)
  const lived = foldTimes(derived ? folded : foldActivity(folded, record), record, derived)
  return { ...lived, active: isActive(lived) }
}

function foldIdentity(session: StoredSession, record: RecordFacts): StoredSession {
  const derivation = textOf(record, 'oauth.session.derivation')
  return {
    ...session,
    derivation: session.derivation ?? toDerivation(derivation),
    user: session.user ?? textOf(record, 'user.hash'),
    subjectType: session.subjectType ?? toSubjectType(textOf(record, 'oauth.token.subject_type')),
    client: session.client ?? textOf(record, 'oauth.client.id'),
    issuer: session.issuer ?? textOf(record, 'oauth.issuer'),
    scopes: addAll(session.scopes, textsOf(record, 'oauth.token.scopes')),
    frameworks: addAll(session.frameworks, textsOf(record, 'compliance.framework')),
  }
}

function foldActivity(session: StoredSession, record: RecordFacts): StoredSession {
  const rejected = record.type === 'oauth.request.rejected'
  const requested = rejected || record.type === 'oauth.request'
  return {
    ...session,
    requests: session.requests + (requested ? 1 : 0),
    rejections: session.rejections + (rejected ? 1 : 0),
    lastUsed: NO_USE.has(record.type) ? session.lastUsed : later(session.lastUsed, record.time),
    services: addAll(session.services, [parseOrigin(record.log).service]),
  }
}

function foldTimes(session: StoredSession, record: RecordFacts, derived: boolean): StoredSession {
  const { time } = record
  if (derived && session.witnessed) return session
  if (!derived && !session.witnessed) {
    return { ...session, witnessed: true, firstSeen: time, lastSeen: time }
  }
  return {
    ...session,
    firstSeen: BigInt(time) < BigInt(session.firstSeen) ? time : session.firstSeen,
    lastSeen: later(session.lastSeen, time),
  }
}

function foldBoundaries(
  session: StoredSession,
  record: RecordFacts,
  derived: boolean,
): StoredSession {
  if (record.type === 'oauth.session.start') {
    const reason = textOf(record, 'oauth.session.start_reason') ?? 'unknown'
    const start = { time: record.time, reason, derived }
    return { ...session, start: preferStart(session.start, start) }
  }
  if (record.type === 'oauth.session.end') {
    const reason = textOf(record, 'oauth.session.end_reason') ?? 'unknown'
    const end = { time: record.time, reason, derived }
    return { ...session, end: preferEnd(session.end, end) }
  }
  return session
}

/** A seen start before a derived one; then the earlier. */
function preferStart(known: SessionBoundary | null, next: SessionBoundary): SessionBoundary {
  if (known === null) return next
  if (known.derived !== next.derived) return known.derived ? next : known
  return BigInt(next.time) < BigInt(known.time) ? next : known
}

/** A seen end before a derived one; then the later, since a session may idle out twice. */
function preferEnd(known: SessionBoundary | null, next: SessionBoundary): SessionBoundary {
  if (known === null) return next
  if (known.derived !== next.derived) return known.derived ? next : known
  return BigInt(next.time) > BigInt(known.time) ? next : known
}

/** Only a session that ended by idling or expiry is opened again by a later use. */
function isActive(session: StoredSession): boolean {
  const { end } = session
  if (end === null) return true
  const reopens = end.derived && (end.reason === 'idle' || end.reason === 'expired')
  return reopens && session.lastUsed !== null && BigInt(session.lastUsed) > BigInt(end.time)
}

function later(known: string | null, time: string): string {
  return known !== null && BigInt(known) > BigInt(time) ? known : time
}

function addAll(known: readonly string[], added: readonly string[]): readonly string[] {
  const fresh = added.filter((item) => !known.includes(item))
  if (fresh.length === 0) return known
  return [...new Set([...known, ...fresh])].sort().slice(0, MAX_LIST)
}

function toDerivation(value: string | null): SessionDerivation | null {
  return value !== null && DERIVATIONS.has(value) ? (value as SessionDerivation) : null
}
