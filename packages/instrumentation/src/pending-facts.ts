import type { Clock, TokenRejection, VerifiedToken } from '@tokentrail/session'
import type { Decision } from './decision.ts'

/** What was seen of a token outside of the request that presents it. */
interface PendingFact {
  readonly seenAt: bigint
  readonly verified?: VerifiedToken
  readonly rejection?: TokenRejection
}

const MAX_FACTS = 1_000
const MAX_TOKEN_LENGTH = 16_384
const MAX_AGE_NANOS = 30_000_000_000n

/**
 * Facts that were seen where the request's asynchronous context was lost: connection pools, queues
 * and callback interfaces of their own. They wait for the request with the same token; the newest
 * 1,000, for at most 30 s, none of a token of more than 16,384 characters.
 */
export class PendingFacts {
  readonly #clock: Clock
  readonly #facts = new Map<string, PendingFact>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** As in a decision: a look-up does not replace a proof. */
  addVerified(verified: VerifiedToken): void {
    const known = this.#facts.get(verified.token)?.verified
    if (verified.method === 'lookup' && known !== undefined && known.method !== 'lookup') return
    this.#add(verified.token, { seenAt: this.#clock.unixNanos(), verified })
  }

  /** What is known to be good stays good. */
  addRejection(rejection: TokenRejection): void {
    const { token } = rejection
    if (token === undefined || this.#facts.get(token)?.verified !== undefined) return
    this.#add(token, { seenAt: this.#clock.unixNanos(), rejection })
  }

  /** Gives a request that nothing is known of what was seen of its token. */
  join(decision: Decision): void {
    const { rejection, token, verified } = decision
    if (this.#facts.size === 0 || token === undefined) return
    if (verified !== undefined || rejection !== undefined) return
    const fact = this.#facts.get(token)
    if (fact === undefined) return
    if (this.#clock.unixNanos() - fact.seenAt > MAX_AGE_NANOS) {
      this.#facts.delete(token)
      return
    }
    if (fact.verified !== undefined) decision.addVerified(fact.verified)
    if (fact.rejection !== undefined) decision.addRejection(fact.rejection)
  }

  #add(token: string, fact: PendingFact): void {
    if (token.length > MAX_TOKEN_LENGTH) return
    this.#facts.delete(token)
    if (this.#facts.size >= MAX_FACTS) {
      const [oldest] = this.#facts.keys()
      if (oldest !== undefined) this.#facts.delete(oldest)
    }
    this.#facts.set(token, fact)
  }
}
