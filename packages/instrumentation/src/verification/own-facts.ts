import type { RequestFacts, TokenRejection, VerifiedToken } from '@tokentrail/session'
import type { Verdict } from './verdict.ts'

/** What the recorder's own verification adds to what is known of a request. */
export type OwnFacts = Pick<RequestFacts, 'fingerprint' | 'verified' | 'finding'>

/** Gives the facts that a verdict about a token is. */
export function toOwnFacts(
  token: string,
  fingerprint: string,
  verdict: Verdict | undefined,
): OwnFacts {
  if (verdict === undefined) return { fingerprint }
  const { algorithm, hook, keyId } = verdict
  const header = {
    ...(keyId === undefined ? {} : { keyId }),
    ...(algorithm === undefined ? {} : { algorithm }),
  }
  if (verdict.kind === 'verified') {
    const { claims } = verdict
    const verified: VerifiedToken = { token, method: 'recorder', hook, claims, ...header }
    return { fingerprint, verified }
  }
  const { provenClaims, reason } = verdict
  const proven = provenClaims === undefined ? {} : { provenClaims }
  const finding: TokenRejection = { token, reason, hook, ...proven, ...header }
  return { fingerprint, finding }
}

/**
 * Joins them to the facts of a request. What a library verified stands before what we did; what an
 * application only looked up does not.
 */
export function withOwnFacts<Facts extends Pick<RequestFacts, 'verified'>>(
  facts: Facts,
  own: OwnFacts | undefined,
): Facts {
  if (own === undefined) return facts
  const isLookedUp = facts.verified?.method === 'lookup'
  return isLookedUp && own.verified !== undefined ? { ...facts, ...own } : { ...own, ...facts }
}
