import type { RejectionReason, VerifiedClaims } from '@tokentrail/session'
import { parseChallenges } from '../inbound/challenge.ts'
import { isObject } from './claims.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'
import { isRefusal } from './refusal.ts'
import { type StrategyOutcome, watchStrategy } from '../hooks/watch/watch-strategy.ts'

/**
 * The strategy of passport-http-bearer 1. Whether a token is good, the application's `verify` says;
 * the user that it finds is the application's too, so only client and scopes of `info` are read.
 */
export const passportHttpBearer: LibraryDefinition = {
  name: 'passport-http-bearer',
  module: 'passport-http-bearer',
  versions: ['>=1.0.0 <2'],
  hooks: [
    {
      exportName: 'Strategy.prototype.authenticate',
      watch: watchStrategy,
      observe: observeAuthenticate,
    },
  ],
}

function observeAuthenticate(
  { outcome }: ObservedCall,
  { token }: HookedRequest,
  hook: string,
): ObservedFact {
  const presented = token === undefined ? {} : { token }
  if (outcome.kind === 'threw') {
    // Without a token `verify` is not called, so this is not about one.
    if (token === undefined) return undefined
    const reason = isRefusal(outcome.error) ? 'policy_denied' : 'verifier_unavailable'
    return { rejection: { ...presented, reason, hook } }
  }
  const decision = outcome.value as StrategyOutcome
  if (!decision.passed) {
    return { rejection: { ...presented, ...toRefusal(decision.challenge, token), hook } }
  }
  if (token === undefined) return undefined
  return { verified: { token, method: 'lookup', hook, claims: readInfo(decision.info) } }
}

/** `fail(400)` for what is no Bearer request, else `fail(challenge)` (`lib/strategy.js`). */
function toRefusal(
  challenge: unknown,
  token: string | undefined,
): { readonly reason: RejectionReason; readonly errorCode?: string } {
  if (challenge === 400) return { reason: 'malformed' }
  const errorCode = parseChallenges(challenge)[0]?.error
  if (token === undefined && errorCode === undefined) return { reason: 'missing' }
  // Unknown, expired or revoked: like an introspection, `verify` does not say which.
  return { reason: 'inactive', ...(errorCode === undefined ? {} : { errorCode }) }
}

/** The names of RFC 7662 §2.2, and how applications of Passport write `client_id`. */
function readInfo(info: unknown): VerifiedClaims {
  if (!isObject(info)) return {}
  const { scope } = info
  const clientId = info['client_id'] ?? info['clientId'] ?? info['clientID']
  const scopes = Array.isArray(scope) ? scope.filter((one) => typeof one === 'string') : scope
  return {
    ...(typeof scopes === 'string' || Array.isArray(scopes) ? { scope: scopes } : {}),
    ...(typeof clientId === 'string' ? { client_id: clientId } : {}),
  }
}
