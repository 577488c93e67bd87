import { parseChallenges } from '../inbound/challenge.ts'
import { isObject } from './claims.ts'
import { toRefusalReason } from './express-oauth2-jwt-bearer-reasons.ts'
import { readForeignError } from './foreign-error.ts'
import { decodeHeaderFacts } from './jwt-header.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'
import { watchMiddleware } from '../hooks/watch/watch-middleware.ts'
import { watchProduced } from '../hooks/watch/watch-produced.ts'

/** Functions that make a middleware. */
const MIDDLEWARE = [
  'auth',
  'requiredScopes',
  'scopeIncludesAny',
  'claimCheck',
  'claimEquals',
  'claimIncludes',
]

/**
 * The middleware of Auth0's express-oauth2-jwt-bearer 1. What a token claims is told by the jose 4
 * inside, which checks the signature; issuer, audience, binding and scopes are checked here, after
 * that.
 */
export const expressOauth2JwtBearer: LibraryDefinition = {
  name: 'express-oauth2-jwt-bearer',
  module: 'express-oauth2-jwt-bearer',
  versions: ['>=1.0.0 <2'],
  hooks: MIDDLEWARE.map((exportName) => ({
    exportName,
    watch: watchProduced(watchMiddleware),
    observe: observeMiddleware,
  })),
}

/** `(request, response, next)`; a refusal goes to `next`. */
function observeMiddleware(
  { outcome }: ObservedCall,
  { token }: HookedRequest,
  hook: string,
): ObservedFact {
  if (outcome.kind === 'returned') return undefined
  const { error } = outcome
  const reason = toRefusalReason(error)
  if (reason === undefined) return undefined
  const errorCode = readForeignError(error).code
  const requiredScopes = readScopes(error)
  return {
    rejection: {
      ...(token === undefined ? {} : { token, ...decodeHeaderFacts(token) }),
      reason,
      hook,
      ...(errorCode ? { errorCode } : {}),
      ...(requiredScopes === undefined ? {} : { requiredScopes }),
    },
  }
}

/** The error brings the headers that are to be sent with it; its challenge names the scopes. */
function readScopes(error: unknown): readonly string[] | undefined {
  const headers = isObject(error) ? error['headers'] : undefined
  return isObject(headers) ? parseChallenges(headers['WWW-Authenticate'])[0]?.scopes : undefined
}
