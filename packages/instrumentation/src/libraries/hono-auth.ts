import type { RejectionReason } from '@tokentrail/session'
import { isObject } from './claims.ts'
import { classNameOf } from './foreign-error.ts'
import { type JwtFailure, toJwtFact } from './jwt-fact.ts'
import { decodeHeaderFacts } from './jwt-header.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'
import { isRefusal } from './refusal.ts'
import { watchAsyncMiddleware } from '../hooks/watch/watch-async-middleware.ts'
import { watchProduced } from '../hooks/watch/watch-produced.ts'

const JWT = ['dist/utils/jwt/index.js', 'dist/cjs/utils/jwt/index.js']

/**
 * Tokens in Hono 4: the object `Jwt`, through which `hono/jwt`, `hono/jwk` and applications verify,
 * and the middleware `bearerAuth`.
 */
export const honoAuth: LibraryDefinition = {
  name: 'hono',
  module: 'hono',
  versions: ['>=4.0.0 <5'],
  onlyInFiles: true,
  hooks: [
    { exportName: 'Jwt.verify', files: JWT, observe: observeVerify },
    { exportName: 'Jwt.verifyWithJwks', files: JWT, observe: observeVerifyWithJwks },
    // Its name up to 4.9.
    { exportName: 'Jwt.verifyFromJwks', files: JWT, observe: observeVerifyWithJwks },
    {
      exportName: 'bearerAuth',
      files: ['dist/middleware/bearer-auth/index.js', 'dist/cjs/middleware/bearer-auth/index.js'],
      watch: watchProduced(watchAsyncMiddleware),
      observe: observeBearerAuth,
    },
  ],
}

/**
 * `verify(token, key, options)`. The claims are checked before the signature (`utils/jwt/jwt.js`),
 * so nothing is proven of a token that was refused.
 */
function observeVerify(
  { args, outcome }: ObservedCall,
  _: HookedRequest,
  hook: string,
): ObservedFact {
  return toJwtFact(args[0], outcome, hook, {
    payloadOf: (payload) => payload,
    failureOf: (error) => ({ reason: toJwtReason(error) }),
  })
}

/** `verifyWithJwks(token, options, init)`. */
function observeVerifyWithJwks(
  { args, outcome }: ObservedCall,
  _: HookedRequest,
  hook: string,
): ObservedFact {
  return toJwtFact(args[0], outcome, hook, {
    payloadOf: (payload) => payload,
    failureOf: (error) => toJwksFailure(error, args[0]),
  })
}

/** The class that says malformed says too that no key has the token's `kid`. */
function toJwksFailure(error: unknown, token: unknown): JwtFailure {
  const reason = toJwtReason(error)
  const isWhole = typeof token === 'string' && /^(?:[\w-]+\.){2}[\w-]+$/.test(token)
  const isUnknown = isWhole && decodeHeaderFacts(token).keyId !== undefined
  return { reason: reason === 'malformed' && isUnknown ? 'key_not_found' : reason }
}

/** `(context, next)`. What the application's `verifyToken` knows of a token, it does not show. */
function observeBearerAuth(
  { outcome }: ObservedCall,
  { token }: HookedRequest,
  hook: string,
): ObservedFact {
  if (outcome.kind === 'threw') {
    const presented = token === undefined ? {} : { token }
    return { rejection: { ...presented, reason: toBearerReason(outcome.error, token), hook } }
  }
  if (token === undefined) return undefined
  return { verified: { token, method: 'lookup', hook, claims: {} } }
}

/** Refusals are an `HTTPException` with the status that the response gets. */
function toBearerReason(error: unknown, token: string | undefined): RejectionReason {
  if (isObject(error) && error['status'] === 400) return 'malformed'
  if (token === undefined) return 'missing'
  const isDecision = isRefusal(error) || classNameOf(error) === 'HTTPException'
  return isDecision ? 'inactive' : 'verifier_unavailable'
}

/** Classes of Hono's `utils/jwt/types.js`, whose messages hold the whole token. */
const REASONS: { readonly [name: string]: RejectionReason } = {
  JwtTokenExpired: 'expired',
  JwtTokenNotBefore: 'not_yet_valid',
  JwtTokenIssuedAt: 'not_yet_valid',
  JwtTokenIssuer: 'wrong_issuer',
  JwtTokenAudience: 'wrong_audience',
  JwtPayloadRequiresAud: 'wrong_audience',
  JwtTokenSignatureMismatched: 'bad_signature',
  JwtTokenInvalid: 'malformed',
  JwtHeaderInvalid: 'malformed',
  JwtHeaderRequiresKid: 'key_not_found',
  JwtAlgorithmMismatch: 'algorithm_not_allowed',
  JwtAlgorithmNotAllowed: 'algorithm_not_allowed',
  JwtAlgorithmNotImplemented: 'algorithm_not_allowed',
  JwtSymmetricAlgorithmNotAllowed: 'algorithm_not_allowed',
}

function toJwtReason(error: unknown): RejectionReason {
  // What has no class of its own is a key that cannot be fetched or imported.
  return REASONS[classNameOf(error)] ?? 'verifier_unavailable'
}
