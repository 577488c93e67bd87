import { copyClaims, isObject } from './claims.ts'
import type { ObservedFact } from '../hooks/library.ts'

/** Member of `events` (OpenID Connect Back-Channel Logout 1.0 §2.4). */
const LOGOUT = 'http://schemas.openid.net/event/backchannel-logout'

/**
 * Reads a logout token that was verified: the authorization server tells a client that a session
 * has ended. Without `sid` it means every session of the subject, which no record can name.
 *
 * @returns Undefined for any other token.
 */
export function readLogoutToken(payload: unknown, hook: string): ObservedFact {
  if (!isObject(payload) || !isObject(payload['events'])) return undefined
  if (!Object.hasOwn(payload['events'], LOGOUT)) return undefined
  const { aud, iss, sid, sub } = copyClaims(payload)
  const client_id: unknown = Array.isArray(aud) ? aud[0] : aud
  return {
    event: {
      kind: 'session_ended',
      hook,
      reason: 'backchannel_logout',
      known: { iss, client_id, sid, ...(sub === undefined ? {} : { sub }) },
    },
  }
}
