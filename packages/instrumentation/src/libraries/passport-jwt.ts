import type { RejectionReason } from '@tokentrail/session'
import { messageMatches } from './foreign-error.ts'
import { toFailure } from './jsonwebtoken-reasons.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'
import { isRefusal } from './refusal.ts'
import { type StrategyOutcome, watchStrategy } from '../hooks/watch/watch-strategy.ts'

/**
 * The strategy of passport-jwt 4. The token itself is told by jsonwebtoken, which it calls; here
 * shows what else it refuses for, of which the response often says nothing.
 */
export const passportJwt: LibraryDefinition = {
  name: 'passport-jwt',
  module: 'passport-jwt',
  versions: ['>=4.0.0 <5'],
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
  const reason =
    outcome.kind === 'threw'
      ? toReasonOfError(outcome.error)
      : toReason(outcome.value as StrategyOutcome, token)
  if (reason === undefined) return undefined
  return { rejection: { ...(token === undefined ? {} : { token }), reason, hook } }
}

/** `fail` gets an error of the library's own making, of jsonwebtoken, or what `verify` gave. */
function toReason(
  outcome: StrategyOutcome,
  token: string | undefined,
): RejectionReason | undefined {
  if (outcome.passed) return undefined
  const { challenge } = outcome
  // Also when there is a token where the application does not look for one.
  if (messageMatches(challenge, /^No auth token$/)) return 'missing'
  if (token === undefined) return undefined
  if (!(challenge instanceof Error)) return 'policy_denied'
  const { reason } = toFailure(challenge)
  // What is not of jsonwebtoken comes from `secretOrKeyProvider`.
  return reason === 'unknown' ? 'verifier_unavailable' : reason
}

/** The application's `verify` refused by an exception, or had a fault of its own. */
function toReasonOfError(error: unknown): RejectionReason | undefined {
  return isRefusal(error) ? 'policy_denied' : undefined
}
