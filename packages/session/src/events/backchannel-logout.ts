import { readOwn, readText, readTexts } from '../token/claims.ts'
import type { SessionEndedFacts } from './event-facts.ts'

/** Member of `events` that makes a JWT a logout token (OpenID Connect Back-Channel Logout 1.0 §2.4). */
const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'

/**
 * Builds the event of a logout token that a client has received: the session of its sign-in ended,
 * which is the one that the client's access tokens with that `sid` belong to. A token that names no
 * `sid` ends every session of its subject, of which one process cannot know all: it leaves no
 * record.
 *
 * @param payload - Claims of a logout token whose signature, `iss`, `aud` and `exp` were found
 *   good.
 * @param hook - What saw it.
 * @returns `undefined` where the claims are no logout token's (§2.6): no such event, a `nonce`,
 *   neither `sub` nor `sid`, or not one client as audience.
 */
export function buildBackchannelLogout(
  payload: unknown,
  hook: string,
): SessionEndedFacts | undefined {
  const event = readOwn(readOwn(payload, 'events'), LOGOUT_EVENT)
  if (typeof event !== 'object' || event === null) return undefined
  if (readOwn(payload, 'nonce') !== undefined) return undefined
  const [client, ...others] = readTexts(readOwn(payload, 'aud')) ?? []
  const iss = readText(readOwn(payload, 'iss'))
  const sub = readText(readOwn(payload, 'sub'))
  const sid = readText(readOwn(payload, 'sid'))
  if (iss === undefined || client === undefined || others.length > 0) return undefined
  if (sub === undefined && sid === undefined) return undefined
  return {
    kind: 'session_ended',
    hook,
    reason: 'backchannel_logout',
    known: {
      iss,
      client_id: client,
      ...(sub === undefined ? {} : { sub }),
      ...(sid === undefined ? {} : { sid }),
    },
  }
}
