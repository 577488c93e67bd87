import type { RejectionReason } from '@tokentrail/session'
import { isObject } from './claims.ts'
import { classNameOf } from './foreign-error.ts'
import type { JwtFailure } from './jwt-fact.ts'
import { type MessageReasons, reasonOfMessage } from './message-reasons.ts'

/**
 * Classes of aws-jwt-verify 5 (`error.js`) for claims, which are checked after the signature
 * (`verifyDecomposedJwt` of `jwt-verifier.js`).
 */
const PROVEN: { readonly [name: string]: RejectionReason } = {
  JwtExpiredError: 'expired',
  JwtNotBeforeError: 'not_yet_valid',
  JwtInvalidIssuerError: 'wrong_issuer',
  JwtInvalidAudienceError: 'wrong_audience',
  JwtInvalidScopeError: 'insufficient_scope',
  JwtInvalidClaimError: 'wrong_claim',
  CognitoJwtInvalidTokenUseError: 'wrong_type',
  CognitoJwtInvalidClientIdError: 'wrong_claim',
  CognitoJwtInvalidGroupError: 'wrong_claim',
  AlbJwtInvalidSignerError: 'wrong_claim',
  AlbJwtInvalidClientIdError: 'wrong_claim',
}

const UNPROVEN: { readonly [name: string]: RejectionReason } = {
  JwtParseError: 'malformed',
  JwtInvalidSignatureError: 'bad_signature',
  JwtInvalidSignatureAlgorithmError: 'algorithm_not_allowed',
  JwtWithoutValidKidError: 'key_not_found',
  KidNotFoundInJwksError: 'key_not_found',
  // After an unknown key the library does not ask again for a while.
  WaitPeriodNotYetEndedJwkError: 'key_not_found',
  JwksNotAvailableInCacheError: 'verifier_unavailable',
  JwksValidationError: 'verifier_unavailable',
  JwkValidationError: 'verifier_unavailable',
  JwkInvalidUseError: 'verifier_unavailable',
  JwkInvalidKtyError: 'verifier_unavailable',
  FetchError: 'verifier_unavailable',
  NonRetryableFetchError: 'verifier_unavailable',
}

/** One class stands for every wrong parameter; the issuer of the token is taken for one. */
const PARAMETERS: MessageReasons = [
  [/^issuer (?:not configured|must be provided$)/, 'wrong_issuer'],
]

/** Says why a verifier of aws-jwt-verify refused a token. */
export function toAwsFailure(error: unknown): JwtFailure {
  const name = classNameOf(error)
  const proven = PROVEN[name]
  if (proven === undefined) {
    return { reason: UNPROVEN[name] ?? reasonOfMessage(error, PARAMETERS) ?? 'unknown' }
  }
  const requiredScopes = proven === 'insufficient_scope' ? readExpectedScopes(error) : undefined
  return {
    reason: proven,
    proven: true,
    ...(requiredScopes === undefined ? {} : { requiredScopes }),
  }
}

/** The scopes that the application demands, one of which would do. */
function readExpectedScopes(error: unknown): readonly string[] | undefined {
  const assertion = isObject(error) ? error['failedAssertion'] : undefined
  const expected = isObject(assertion) ? assertion['expected'] : undefined
  if (typeof expected === 'string') return [expected]
  if (!Array.isArray(expected)) return undefined
  return expected.filter((scope) => typeof scope === 'string')
}
