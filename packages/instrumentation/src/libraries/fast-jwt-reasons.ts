import type { RejectionReason } from '@tokentrail/session'
import { isObject } from './claims.ts'
import { readForeignError } from './foreign-error.ts'
import type { JwtFailure } from './jwt-fact.ts'
import { type MessageReasons, reasonOfMessage } from './message-reasons.ts'

/**
 * Codes of fast-jwt 3 to 6 (`src/error.js`) for what `verifyToken` of `src/verifier.js` checks
 * after the signature.
 */
const PROVEN: { readonly [code: string]: RejectionReason } = {
  FAST_JWT_EXPIRED: 'expired',
  FAST_JWT_INACTIVE: 'not_yet_valid',
  FAST_JWT_INVALID_CLAIM_VALUE: 'wrong_claim',
  FAST_JWT_INVALID_CLAIM_TYPE: 'wrong_claim',
  FAST_JWT_MISSING_REQUIRED_CLAIM: 'wrong_claim',
  FAST_JWT_INVALID_TYPE: 'wrong_type',
}

const UNPROVEN: { readonly [code: string]: RejectionReason } = {
  FAST_JWT_MALFORMED: 'malformed',
  FAST_JWT_INVALID_PAYLOAD: 'malformed',
  FAST_JWT_INVALID_CRIT_HEADER: 'malformed',
  FAST_JWT_INVALID_SIGNATURE: 'bad_signature',
  FAST_JWT_VERIFY_ERROR: 'bad_signature',
  FAST_JWT_MISSING_SIGNATURE: 'algorithm_not_allowed',
  FAST_JWT_INVALID_ALGORITHM: 'algorithm_not_allowed',
  FAST_JWT_INVALID_KEY: 'algorithm_not_allowed',
  FAST_JWT_MISSING_KEY: 'key_not_found',
  FAST_JWT_KEY_FETCHING_ERROR: 'verifier_unavailable',
}

/** One code stands for every claim; its message names which (`validateClaimValues`). */
const CLAIMS: MessageReasons = [
  [/^(?:The|None of|Not all of the) aud claim /, 'wrong_audience'],
  [/^(?:The|None of|Not all of the) iss claim /, 'wrong_issuer'],
]

/** Says why a verifier of fast-jwt refused a token. */
export function toFastJwtFailure(error: unknown): JwtFailure {
  const { code = '' } = readForeignError(error)
  const proven = PROVEN[code]
  if (proven === undefined) return { reason: isUnknownKey(error) ? 'key_not_found' : ofCode(code) }
  const ofClaim =
    code === 'FAST_JWT_INVALID_CLAIM_VALUE' ? reasonOfMessage(error, CLAIMS) : undefined
  return { reason: ofClaim ?? proven, proven: true }
}

function ofCode(code: string): RejectionReason {
  return UNPROVEN[code] ?? 'unknown'
}

/** Says whether `get-jwks`, with which most key functions are made, does not know the key. */
export function isUnknownKey(error: unknown): boolean {
  const cause = isObject(error) ? (error['originalError'] ?? error) : undefined
  return readForeignError(cause).code === 'JWK_NOT_FOUND'
}
