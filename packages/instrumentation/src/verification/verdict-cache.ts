import type { Verdict } from './verdict.ts'

/** Remembers verdicts by the tokens' fingerprints, within bounds of number and time. */
export interface VerdictCache {
  /** Gives what is known; `nothing` where there was nothing to say a moment ago. */
  get(fingerprint: string, nowMillis: number): Verdict | 'nothing' | undefined
  set(fingerprint: string, verdict: Verdict | 'nothing', nowMillis: number): void
}

/** Longest that a verdict counts: keys are withdrawn, and then a good token is one no more. */
const MAX_AGE_MILLIS = 3_600_000
/** A bad token may become good: a new key, a clock that was put right. */
const MAX_REFUSED_AGE_MILLIS = 60_000
/** An issuer may answer again, or be asked again. */
const MAX_NOTHING_AGE_MILLIS = 5_000

/**
 * Creates a cache that forgets what was used longest ago.
 *
 * @param maxEntries - Most verdicts; each takes about 1 kB.
 */
export function createVerdictCache(maxEntries: number): VerdictCache {
  const entries = new Map<
    string,
    { readonly verdict: Verdict | 'nothing'; readonly until: number }
  >()

  return {
    get(fingerprint, nowMillis) {
      const entry = entries.get(fingerprint)
      if (entry === undefined) return undefined
      entries.delete(fingerprint)
      if (entry.until <= nowMillis) return undefined
      entries.set(fingerprint, entry)
      return entry.verdict
    },
    set(fingerprint, verdict, nowMillis) {
      entries.delete(fingerprint)
      if (entries.size >= maxEntries) {
        const [oldest] = entries.keys()
        if (oldest !== undefined) entries.delete(oldest)
      }
      entries.set(fingerprint, { verdict, until: untilOf(verdict, nowMillis) })
    },
  }
}

function untilOf(verdict: Verdict | 'nothing', nowMillis: number): number {
  if (verdict === 'nothing') return nowMillis + MAX_NOTHING_AGE_MILLIS
  if (verdict.kind === 'refused') return nowMillis + MAX_REFUSED_AGE_MILLIS
  return Math.min(verdict.expiresAt ?? Infinity, nowMillis + MAX_AGE_MILLIS)
}
