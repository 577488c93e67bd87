import type { RejectionReason } from '@tokentrail/session'
import { messageMatches, readForeignError } from './foreign-error.ts'

/** Codes of jose 4 to 6 that name one reason (`util/errors.js`). */
const REASONS: { readonly [code: string]: RejectionReason } = {
  ERR_JWT_EXPIRED: 'expired',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'bad_signature',
  ERR_JWE_DECRYPTION_FAILED: 'bad_signature',
  ERR_JWKS_NO_MATCHING_KEY: 'key_not_found',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'key_not_found',
  ERR_JOSE_ALG_NOT_ALLOWED: 'algorithm_not_allowed',
  ERR_JOSE_NOT_SUPPORTED: 'algorithm_not_allowed',
  ERR_JWT_INVALID: 'malformed',
  ERR_JWS_INVALID: 'malformed',
  ERR_JWE_INVALID: 'malformed',
  ERR_JWE_DECOMPRESSION_FAILED: 'malformed',
  ERR_JWK_INVALID: 'verifier_unavailable',
  ERR_JWKS_TIMEOUT: 'verifier_unavailable',
  ERR_JWKS_INVALID: 'verifier_unavailable',
  // "Expected 200 OK from the JSON Web Key Set HTTP response".
  ERR_JOSE_GENERIC: 'verifier_unavailable',
}

/** Claims of `ERR_JWT_CLAIM_VALIDATION_FAILED` that have a reason of their own. */
const CLAIM_REASONS: { readonly [claim: string]: RejectionReason } = {
  iss: 'wrong_issuer',
  aud: 'wrong_audience',
  typ: 'wrong_type',
}

/** An algorithm that the application's key cannot have is a TypeError without a code. */
const WRONG_KEY_TYPE =
  /^(?:Key for the |Key must be |Invalid key (?:for this operation|curve)|(?:\w+ or )?\w+ instances (?:must|for) |CryptoKey does not support|JSON Web Key for )/

/**
 * Jose checks signature or decryption before the claims, so the token is genuine when one of these
 * is thrown (`lib/jwt_claims_set.js`; the `typ` header is checked there too).
 */
const GENUINE_CODES: ReadonlySet<string> = new Set([
  'ERR_JWT_EXPIRED',
  'ERR_JWT_CLAIM_VALIDATION_FAILED',
])

/** Whether a token was refused after its signature, or its decryption, had been found good. */
export function isGenuine(error: unknown): boolean {
  const { code } = readForeignError(error)
  return code !== undefined && GENUINE_CODES.has(code)
}

/** Says why jose refused a token. */
export function toJoseReason(error: unknown): RejectionReason {
  const { code, claim, reason } = readForeignError(error)
  if (code === 'ERR_JWT_CLAIM_VALIDATION_FAILED') {
    const early = (claim === 'nbf' || claim === 'iat') && reason === 'check_failed'
    return early ? 'not_yet_valid' : (CLAIM_REASONS[claim ?? ''] ?? 'wrong_claim')
  }
  if (code?.startsWith('ERR_J') === true) return REASONS[code] ?? 'unknown'
  if (messageMatches(error, WRONG_KEY_TYPE)) return 'algorithm_not_allowed'
  // What else fails is the key: a fetch, or a key function of the application.
  return 'verifier_unavailable'
}
