import {
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_OAUTH_SESSION_END_REASON,
  ATTR_OAUTH_TOKEN_TYPE,
  EVENT_OAUTH_GRANT_REVOKED,
  EVENT_OAUTH_REQUEST_REJECTED,
  EVENT_OAUTH_TOKEN_REVOKED,
  SESSION_END_REASONS,
  type SessionEndReason,
} from '@tokentrail/semantic-conventions'
import type { DecodedRecord } from '../decode/decode.ts'
import { isOneToken, type SessionEnd, type SessionState, uidOf } from './session-state.ts'

/** Ends after which a further request does not open the session again. */
const FINAL: ReadonlySet<SessionEndReason> = new Set<SessionEndReason>([
  'logout',
  'backchannel_logout',
  'revoked',
  'replaced',
])

/**
 * How much longer than its `exp` a resource server may take a token (RFC 7519 §4.1.4: "a few
 * minutes").
 */
const LEEWAY_NANOS = 120_000_000_000n

/** Says whether nothing may follow an end. */
export function isFinal(reason: SessionEndReason): boolean {
  return FINAL.has(reason)
}

/** Reads the reason of an `oauth.session.end`; anything else than the closed set is `unknown`. */
export function readEndReason({ attributes }: DecodedRecord): SessionEndReason {
  const reason = attributes[ATTR_OAUTH_SESSION_END_REASON]
  return SESSION_END_REASONS.find((known) => known === reason) ?? 'unknown'
}

/**
 * Gives the end that a record is evidence of: its grant was revoked, its refresh token was, or the
 * one token that the session is.
 */
export function endByEvidence(state: SessionState, record: DecodedRecord): SessionEnd | undefined {
  const nanos = BigInt(record.time)
  const uids = [state.seenUid, uidOf(record)]
  if (record.type === EVENT_OAUTH_GRANT_REVOKED) return { nanos, reason: 'revoked', uids }
  if (record.type === EVENT_OAUTH_TOKEN_REVOKED) {
    const whole = isOneToken(state) || record.attributes[ATTR_OAUTH_TOKEN_TYPE] === 'refresh_token'
    return whole ? { nanos, reason: 'revoked', uids } : undefined
  }
  if (record.type !== EVENT_OAUTH_REQUEST_REJECTED || !isOneToken(state)) return undefined
  return endByRejection(state, nanos, record.attributes[ATTR_OAUTH_REJECTION_REASON], uids)
}

/** Introspection's "inactive" does not say why (RFC 7662 §2.2): expired where `exp` says so. */
function endByRejection(
  { expiresNanos }: SessionState,
  nanos: bigint,
  reason: unknown,
  uids: readonly string[],
): SessionEnd | undefined {
  if (reason === 'revoked') return { nanos, reason, uids }
  if (reason !== 'expired' && reason !== 'inactive') return undefined
  const expired = expiresNanos !== undefined && expiresNanos <= nanos
  if (expired) return { nanos: expiresNanos, reason: 'expired', uids }
  return { nanos, reason: reason === 'expired' ? 'expired' : 'unknown', uids }
}

/**
 * Gives the end that time alone tells of, the same whenever it is asked for: `expired` when the
 * last `exp` passed within the idle time after the last activity, else `idle`. The session of one
 * token ends by its expiry at once, for no other token can carry it on.
 */
export function endByTime(
  state: SessionState,
  now: bigint,
  idleNanos: bigint,
  latenessNanos: bigint,
): SessionEnd | undefined {
  const { expiresNanos, seenNanos, seenUid } = state
  const idle = seenNanos + idleNanos
  const expires = expiresNanos !== undefined && expiresNanos <= idle ? expiresNanos : undefined
  const due =
    expires !== undefined && isOneToken(state)
      ? larger(expires + LEEWAY_NANOS, seenNanos + latenessNanos)
      : idle + latenessNanos
  if (now < due) return undefined
  return expires === undefined
    ? { nanos: idle, reason: 'idle', uids: [seenUid] }
    : { nanos: larger(expires, seenNanos), reason: 'expired', uids: [seenUid] }
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}
