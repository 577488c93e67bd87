import type { RejectionReason } from '@tokentrail/session'
import { isUnknownKey } from './fast-jwt-reasons.ts'
import { readForeignError } from './foreign-error.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'
import { isRefusal } from './refusal.ts'
import { watchOpenCallback } from '../hooks/watch/watch-callback.ts'
import { watchDecorated } from '../hooks/watch/watch-decorated.ts'

const watch = watchDecorated('requestVerify', watchOpenCallback)

/**
 * `request.jwtVerify()` of @fastify/jwt 8 to 10. The token itself is told by the fast-jwt inside;
 * here shows what a request is refused for before and after that.
 */
export const fastifyJwt: LibraryDefinition = {
  name: 'fastify-jwt',
  module: '@fastify/jwt',
  versions: ['>=8.0.0 <11'],
  hooks: ['default', 'fastifyJwt'].map((exportName) => ({ exportName, watch, observe })),
}

/** Codes of refusals that say more than fast-jwt did (`index.js`; `jwt.js` before version 10). */
const REASONS: { readonly [code: string]: RejectionReason } = {
  FST_JWT_NO_AUTHORIZATION_IN_HEADER: 'missing',
  FST_JWT_NO_AUTHORIZATION_IN_COOKIE: 'missing',
  FST_JWT_BAD_COOKIE_REQUEST: 'missing',
  FST_JWT_BAD_REQUEST: 'malformed',
  FST_JWT_AUTHORIZATION_TOKEN_EXPIRED: 'expired',
  FST_JWT_AUTHORIZATION_TOKEN_UNTRUSTED: 'policy_denied',
}

function observe({ outcome }: ObservedCall, { token }: HookedRequest, hook: string): ObservedFact {
  if (outcome.kind === 'returned') return undefined
  const { error } = outcome
  const reason = toReason(error, token)
  if (reason === undefined) return undefined
  return { rejection: { ...(token === undefined ? {} : { token }), reason, hook } }
}

function toReason(error: unknown, token: string | undefined): RejectionReason | undefined {
  const { code = '' } = readForeignError(error)
  const reason = REASONS[code]
  // A token in a scheme that this plugin does not read.
  if (reason === 'missing' && token !== undefined) return 'unknown'
  if (reason !== undefined) return reason
  if (/^FA?ST_JWT_/.test(code) || token === undefined) return undefined
  // What is left comes from a key function, or from `trusted`, both of which are the application's.
  if (isUnknownKey(error)) return 'key_not_found'
  return isRefusal(error) ? 'policy_denied' : 'verifier_unavailable'
}
