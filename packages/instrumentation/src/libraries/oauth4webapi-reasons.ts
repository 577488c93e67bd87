import type { RejectionReason } from '@tokentrail/session'
import { messageMatches, readForeignError } from './foreign-error.ts'

/** Codes of oauth4webapi 3 that name one reason. */
const REASONS: { readonly [code: string]: RejectionReason } = {
  OAUTH_PARSE_ERROR: 'malformed',
  OAUTH_KEY_SELECTION_FAILED: 'key_not_found',
  OAUTH_RESPONSE_IS_NOT_CONFORM: 'verifier_unavailable',
  OAUTH_RESPONSE_IS_NOT_JSON: 'verifier_unavailable',
  OAUTH_HTTP_REQUEST_FORBIDDEN: 'verifier_unavailable',
  OAUTH_REQUEST_PROTOCOL_FORBIDDEN: 'verifier_unavailable',
  OAUTH_MISSING_SERVER_METADATA: 'verifier_unavailable',
  OAUTH_INVALID_SERVER_METADATA: 'verifier_unavailable',
  OAUTH_UNSUPPORTED_OPERATION: 'unknown',
}

/** `cause.claim` of a comparison or a time that did not hold. */
const CLAIM_REASONS: { readonly [claim: string]: RejectionReason } = {
  iss: 'wrong_issuer',
  aud: 'wrong_audience',
  exp: 'expired',
  nbf: 'not_yet_valid',
  // The library compares the access token's own `iat` with nothing, so this one is the proof's.
  iat: 'proof_invalid',
  htm: 'proof_invalid',
  htu: 'proof_invalid',
  ath: 'proof_invalid',
  'cnf.jkt': 'binding_mismatch',
}

/** `OAUTH_INVALID_RESPONSE` is coarse; only the message tells these apart. First match counts. */
const MESSAGES: readonly (readonly [RegExp, RejectionReason])[] = [
  [/^JWT signature verification failed/, 'bad_signature'],
  [/JWT "typ" header/, 'wrong_type'],
  [/JWT "alg" header/, 'algorithm_not_allowed'],
  [/^operation indicated DPoP use but the JWT Access Token has no jkt/, 'binding_mismatch'],
  [/^operation indicated DPoP use|^DPoP Proof/, 'proof_invalid'],
  [/claim/, 'wrong_claim'],
]

/**
 * Says why `validateJwtAccessToken` refused a token. Errors without a code of the library come from
 * fetching the keys.
 */
export function toAccessTokenReason(error: unknown): RejectionReason {
  const { code, claim } = readForeignError(error)
  if (code === 'OAUTH_JWT_TIMESTAMP_CHECK_FAILED' || code === 'OAUTH_JWT_CLAIM_COMPARISON_FAILED') {
    return CLAIM_REASONS[claim ?? ''] ?? 'wrong_claim'
  }
  if (code === 'OAUTH_INVALID_RESPONSE' || code === 'OAUTH_INVALID_REQUEST') {
    return MESSAGES.find(([pattern]) => messageMatches(error, pattern))?.[1] ?? 'malformed'
  }
  return REASONS[code ?? ''] ?? (code?.startsWith('OAUTH_') ? 'unknown' : 'verifier_unavailable')
}
