import type { RejectionReason } from '@tokentrail/session'
import { copyClaims, isObject } from './claims.ts'
import { messageMatches, readForeignError } from './foreign-error.ts'
import { decodeHeaderFacts, toHeaderFacts } from './jwt-header.ts'
import type { LibraryDefinition, ObservedCall, ObservedFact } from './library.ts'

/** Codes of jose 6 that name one reason (`util/errors.js`). */
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

/**
 * Jose checks the signature before the claims, so the payload of these two errors is proven. The
 * `typ` check counts among the claims and comes after the signature too.
 */
const PROVEN_CODES = new Set(['ERR_JWT_EXPIRED', 'ERR_JWT_CLAIM_VALIDATION_FAILED'])

/** An algorithm that the application's key cannot have is a TypeError without a code. */
const WRONG_KEY_TYPE =
  /^(?:Key for the |Invalid key for this operation|(?:CryptoKey|KeyObject) instances must|CryptoKey does not support|JSON Web Key for )/

/** Verification of JWTs by jose 6, an ES module that applications import whole or by file. */
export const jose: LibraryDefinition = {
  name: 'jose',
  module: 'jose',
  versions: ['>=4.0.0 <7'],
  hooks: [
    {
      exportName: 'jwtVerify',
      files: [
        'dist/webapi/jwt/verify.js',
        'dist/node/esm/jwt/verify.js',
        'dist/node/cjs/jwt/verify.js',
      ],
      observe(call, _, hook): ObservedFact {
        const token = toToken(call.args[0])
        if (token === undefined) return undefined
        return call.outcome.kind === 'returned'
          ? toVerified(token, call.outcome.value, hook)
          : toRejection(token, call.outcome.error, hook)
      },
    },
  ],
}

function toToken(jwt: ObservedCall['args'][number]): string | undefined {
  if (typeof jwt === 'string') return jwt
  return jwt instanceof Uint8Array ? new TextDecoder().decode(jwt) : undefined
}

function toVerified(token: string, result: unknown, hook: string): ObservedFact {
  if (!isObject(result)) return undefined
  const claims = copyClaims(result['payload'])
  return {
    verified: { token, method: 'jwt', hook, claims, ...toHeaderFacts(result['protectedHeader']) },
  }
}

function toRejection(token: string, error: unknown, hook: string): ObservedFact {
  const { code } = readForeignError(error)
  const proven = code !== undefined && PROVEN_CODES.has(code) && isObject(error)
  return {
    rejection: {
      token,
      reason: toReason(error),
      hook,
      ...(proven ? { provenClaims: copyClaims(error['payload']) } : {}),
      ...decodeHeaderFacts(token),
    },
  }
}

function toReason(error: unknown): RejectionReason {
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
