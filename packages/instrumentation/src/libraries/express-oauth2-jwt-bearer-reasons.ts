import type { RejectionReason } from '@tokentrail/session'
import { classNameOf, messageMatches } from './foreign-error.ts'
import { type MessageReasons, reasonOfMessage } from './message-reasons.ts'

/**
 * `InvalidTokenError` has one code; only its message tells these apart. What is not listed is
 * jose's, whose hook has told the reason before. First match counts.
 */
const INVALID_TOKEN: MessageReasons = [
  [/^Unexpected 'alg' value/, 'algorithm_not_allowed'],
  [/^Unexpected 'typ' value/, 'wrong_type'],
  [/^Unexpected 'iss' value/, 'wrong_issuer'],
  [/^Unexpected 'aud' value/, 'wrong_audience'],
  [/^Unexpected 'exp' value/, 'expired'],
  [/^DPoP-bound token requires|confirmation mismatch|confirmation claim/, 'binding_mismatch'],
  [/^Unsupported algorithm|^Token header missing or invalid "alg"/, 'algorithm_not_allowed'],
  [/^Token issuer is not allowed/, 'wrong_issuer'],
  [/^(?:Unexpected|Missing) '|^Token missing required 'iss'|^Invalid Token$/, 'wrong_claim'],
  [/^Invalid Token or Protected Header|^JWTs must use|^Invalid JWT|^Failed to parse/, 'malformed'],
  [/^Failed to (?:fetch|parse the response)|^No (?:issuers|JWKS URI)/, 'verifier_unavailable'],
]

/** By class (`dist/index.js`): the code of a request without credentials is empty. */
const CLASSES: { readonly [name: string]: RejectionReason } = {
  UnauthorizedError: 'missing',
  InvalidRequestError: 'malformed',
  InvalidProofError: 'proof_invalid',
  InsufficientScopeError: 'insufficient_scope',
}

/** Says why express-oauth2-jwt-bearer 1 refused a request; undefined when the error is not its. */
export function toRefusalReason(error: unknown): RejectionReason | undefined {
  const name = classNameOf(error)
  if (name === 'InvalidTokenError') return reasonOfMessage(error, INVALID_TOKEN) ?? 'unknown'
  if (messageMatches(error, /^A client certificate is required/)) return 'binding_mismatch'
  return CLASSES[name]
}
