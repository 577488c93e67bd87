import { isObject } from './claims.ts'
import { classNameOf } from './foreign-error.ts'
import type { JwtFailure } from './jwt-fact.ts'
import { type MessageReasons, reasonOfMessage } from './message-reasons.ts'

/**
 * Words of njwt, which checks algorithm, `exp` and `nbf` before the signature (`Verifier.verify` of
 * its `index.js`; the words are in its `properties.json`).
 */
const UNPROVEN: MessageReasons = [
  [/^Jwt is expired$/, 'expired'],
  [/^Jwt not active$/, 'not_yet_valid'],
  [/^Jwt cannot be parsed$/, 'malformed'],
  [/^Signature verification failed$/, 'bad_signature'],
  [/^Un(?:expected signature|supported signing) algorithm$/, 'algorithm_not_allowed'],
]

/** What Okta's `lib.js` checks after that. The words go on with values of claims. */
const PROVEN: MessageReasons = [
  [/^audience claims? /, 'wrong_audience'],
  [/^issuer /, 'wrong_issuer'],
  [/^(?:claim '|nonce claim |expected nonce is required$)/, 'wrong_claim'],
]

/** Says why `verifyAccessToken` or `verifyIdToken` of @okta/jwt-verifier refused a token. */
export function toOktaFailure(error: unknown): JwtFailure {
  if (!isOfNjwt(error)) {
    const reason = reasonOfMessage(error, PROVEN)
    return reason === undefined ? { reason: 'unknown' } : { reason, proven: true }
  }
  const reason = reasonOfMessage(error, UNPROVEN)
  if (reason !== undefined) return { reason }
  // "Error while resolving signing key": by jwks-rsa, or for want of a `kid`.
  return { reason: isUnknownKey(error) ? 'key_not_found' : 'verifier_unavailable' }
}

function isOfNjwt(error: unknown): boolean {
  return /^Jwt(?:Parse)?Error$/.test(classNameOf(error))
}

function isUnknownKey(error: unknown): boolean {
  const cause = isObject(error) ? error['innerError'] : undefined
  return typeof cause === 'string' || classNameOf(cause) === 'SigningKeyNotFoundError'
}
