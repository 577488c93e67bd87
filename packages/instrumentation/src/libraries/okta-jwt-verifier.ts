import { isObject } from './claims.ts'
import { classNameOf } from './foreign-error.ts'
import { type JwtFailure, toJwtFact } from './jwt-fact.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'
import { type MessageReasons, reasonOfMessage } from './message-reasons.ts'

/** @okta/jwt-verifier 3 and 4, whose module is the class. */
export const oktaJwtVerifier: LibraryDefinition = {
  name: 'okta-jwt-verifier',
  module: '@okta/jwt-verifier',
  versions: ['>=3.0.0 <5'],
  hooks: ['verifyAccessToken', 'verifyIdToken'].map((method) => ({
    exportName: `prototype.${method}`,
    observe,
  })),
}

/** `verifyAccessToken(token, audience)`, `verifyIdToken(token, clientId, nonce)`. */
function observe({ args, outcome }: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  return toJwtFact(args[0], outcome, hook, {
    payloadOf: (jwt) => (isObject(jwt) ? jwt['claims'] : undefined),
    failureOf: toFailure,
  })
}

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

function toFailure(error: unknown): JwtFailure {
  if (!/^Jwt(?:Parse)?Error$/.test(classNameOf(error))) {
    const reason = reasonOfMessage(error, PROVEN)
    return reason === undefined ? { reason: 'unknown' } : { reason, proven: true }
  }
  const reason = reasonOfMessage(error, UNPROVEN)
  if (reason !== undefined) return { reason }
  // "Error while resolving signing key": by jwks-rsa, or for want of a `kid`.
  return { reason: isUnknownKey(error) ? 'key_not_found' : 'verifier_unavailable' }
}

function isUnknownKey(error: unknown): boolean {
  const cause = isObject(error) ? error['innerError'] : undefined
  return typeof cause === 'string' || classNameOf(cause) === 'SigningKeyNotFoundError'
}
