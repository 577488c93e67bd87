import type { RejectionReason } from '@tokentrail/session'
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

/** Verifiers, and the files that define them. */
const VERIFIERS = [
  ['JwtVerifier', 'jwt-verifier.js'],
  // Of version 4; its name is an alias of `JwtVerifier` now.
  ['JwtRsaVerifier', 'jwt-rsa.js'],
  ['CognitoJwtVerifier', 'cognito-verifier.js'],
  ['AlbJwtVerifier', 'alb-verifier.js'],
] as const

/** Verifiers of aws-jwt-verify 4 and 5, for any issuer, for Cognito and for load balancers. */
export const awsJwtVerify: LibraryDefinition = {
  name: 'aws-jwt-verify',
  module: 'aws-jwt-verify',
  versions: ['>=4.0.0 <6'],
  hooks: VERIFIERS.flatMap(([verifier, file]) =>
    ['verify', 'verifySync'].map((method) => ({
      exportName: `${verifier}.prototype.${method}`,
      files: [`dist/esm/${file}`, `dist/cjs/${file}`],
      observe,
    })),
  ),
}

/** `verify(jwt, properties)`. */
function observe({ args, outcome }: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  return toJwtFact(args[0], outcome, hook, {
    payloadOf: (payload) => payload,
    failureOf: toFailure,
  })
}

/**
 * Classes (`error.js`) for claims, which are checked after the signature (`verifyDecomposedJwt` of
 * `jwt-verifier.js`, of `jwt-rsa.js` before).
 */
const PROVEN: { readonly [name: string]: RejectionReason } = {
  JwtExpiredError: 'expired',
  JwtNotBeforeError: 'not_yet_valid',
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
  // Version 4 compares the issuer before the signature (`getVerifyParameters` of its `jwt-rsa.js`).
  JwtInvalidIssuerError: 'wrong_issuer',
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

function toFailure(error: unknown): JwtFailure {
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
