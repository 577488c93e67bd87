import type { RequestFacts } from '../facts.ts'
import type { Pseudonymizer } from '../pseudonym.ts'
import { requestToken } from '../request/judge.ts'

/** Remembers which DPoP proofs have come already. Owned by one recorder. */
export interface ProofMemory {
  /**
   * Gives the facts of a request; of one whose proof came before, with that as a finding.
   *
   * @param now - Nanoseconds since 1970.
   */
  judge(facts: RequestFacts, now: bigint): RequestFacts
}

/** Most proofs that are remembered, each as a keyed hash of 22 characters. */
const MAX_PROOFS = 10_000
/** How long: longer than a server accepts a proof (RFC 9449 §11.1: seconds or minutes). */
const MAX_AGE_NANOS = 300_000_000_000n

const HOOK = 'recorder.dpop'

/**
 * Creates the memory. A proof is for one request (RFC 9449 §11.1): the same `jti` with the same
 * token again is a replay, or a client that sends a request twice. Only this process's requests are
 * compared, so an absence says nothing.
 */
export function createProofMemory(pseudonyms: Pseudonymizer): ProofMemory {
  const seen = new Map<string, bigint>()

  function meet(proof: string, now: bigint): boolean {
    const before = seen.get(proof)
    seen.delete(proof)
    if (seen.size >= MAX_PROOFS) {
      const [oldest] = seen.keys()
      if (oldest !== undefined) seen.delete(oldest)
    }
    seen.set(proof, now)
    return before !== undefined && now - before < MAX_AGE_NANOS
  }

  return {
    judge(facts, now) {
      const { dpopProofId, finding, scheme } = facts
      const token = requestToken(facts)
      if (dpopProofId === undefined || scheme !== 'dpop' || token === undefined) return facts
      const fingerprint =
        token === facts.token && facts.fingerprint !== undefined
          ? facts.fingerprint
          : pseudonyms.pseudonymOf('token', '', token)
      const isReplayed = meet(pseudonyms.pseudonymOf('key', fingerprint, dpopProofId), now)
      const known = token === facts.token ? { ...facts, fingerprint } : facts
      if (!isReplayed || finding !== undefined) return known
      return { ...known, finding: { token, reason: 'proof_replayed', hook: HOOK } }
    },
  }
}
