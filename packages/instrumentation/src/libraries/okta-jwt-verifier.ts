import { isObject } from './claims.ts'
import { toJwtFact } from './jwt-fact.ts'
import type { HookedRequest, LibraryDefinition, ObservedCall, ObservedFact } from './library.ts'
import { toOktaFailure } from './okta-jwt-verifier-reasons.ts'

/** @okta/jwt-verifier 4, whose module is the class. */
export const oktaJwtVerifier: LibraryDefinition = {
  name: 'okta-jwt-verifier',
  module: '@okta/jwt-verifier',
  versions: ['>=4.0.0 <5'],
  hooks: ['verifyAccessToken', 'verifyIdToken'].map((method) => ({
    exportName: `prototype.${method}`,
    observe,
  })),
}

/** `verifyAccessToken(token, audience)`, `verifyIdToken(token, clientId, nonce)`. */
function observe({ args, outcome }: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  return toJwtFact(args[0], outcome, hook, {
    payloadOf: (jwt) => (isObject(jwt) ? jwt['claims'] : undefined),
    failureOf: toOktaFailure,
  })
}
