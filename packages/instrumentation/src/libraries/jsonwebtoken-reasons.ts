import { classNameOf } from './foreign-error.ts'
import type { JwtFailure } from './jwt-fact.ts'
import { type MessageReasons, reasonOfMessage } from './message-reasons.ts'

/** Error classes that name one reason. `verify.js` checks the signature before every claim. */
const CLASSES: { readonly [name: string]: JwtFailure } = {
  TokenExpiredError: { reason: 'expired', proven: true },
  NotBeforeError: { reason: 'not_yet_valid', proven: true },
  // What decodes the header throws.
  SyntaxError: { reason: 'malformed', proven: false },
  // A signature whose length the algorithm cannot have (`jwa`, `ecdsa-sig-formatter`).
  TypeError: { reason: 'bad_signature', proven: false },
}

/** `JsonWebTokenError` has no code; only its message tells these apart. First match counts. */
const MESSAGES: MessageReasons = [
  [/^jwt must be provided/, 'missing'],
  [/^(?:jwt malformed|invalid token|jwt must be a string)/, 'malformed'],
  [/^invalid signature/, 'bad_signature'],
  // Words of `jwks-rsa`, which most key functions are made with.
  [/^(?:error in secret or public key callback: )?Unable to find a signing key/, 'key_not_found'],
  [/^error in secret or public key callback/, 'verifier_unavailable'],
  [/^secret or public key must be provided/, 'key_not_found'],
  [/^secretOrPublicKey is not valid key material/, 'verifier_unavailable'],
  [
    /^(?:invalid algorithm|jwt signature is required|please specify "none")/,
    'algorithm_not_allowed',
  ],
  [/^(?:secretOrPublicKey must be|Unknown key type|Invalid key for)/, 'algorithm_not_allowed'],
  [/^"alg" parameter /, 'algorithm_not_allowed'],
]

/** The same for what is checked after the signature. */
const PROVEN_MESSAGES: MessageReasons = [
  [/^jwt audience invalid/, 'wrong_audience'],
  [/^jwt issuer invalid/, 'wrong_issuer'],
  [/^jwt (?:subject|jwtid|nonce) invalid/, 'wrong_claim'],
  [/^(?:invalid (?:nbf|exp) value|iat required)/, 'wrong_claim'],
]

/** Says why `verify` of jsonwebtoken refused a token. */
export function toFailure(error: unknown): JwtFailure {
  const known = CLASSES[classNameOf(error)]
  if (known !== undefined) return known
  const proven = reasonOfMessage(error, PROVEN_MESSAGES)
  if (proven !== undefined) return { reason: proven, proven: true }
  return { reason: reasonOfMessage(error, MESSAGES) ?? 'unknown' }
}
