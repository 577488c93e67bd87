/** Lets through so many a second, and a number of them at once. Owned by one caller. */
export interface TokenBucket {
  /**
   * Takes one, if there is one.
   *
   * @param now - Nanoseconds since 1970. A clock that goes back fills nothing.
   */
  take(now: bigint): boolean
}

const NANOS_PER_SECOND = 1_000_000_000

/**
 * Creates a full bucket.
 *
 * @param perSecond - How fast it fills again; 0 for never.
 * @param burst - How many it holds.
 */
export function createTokenBucket(perSecond: number, burst: number): TokenBucket {
  let level = burst
  let last: bigint | undefined

  return {
    take(now) {
      if (last !== undefined && now > last) {
        level = Math.min(burst, level + (Number(now - last) / NANOS_PER_SECOND) * perSecond)
      }
      last = now
      if (level < 1) return false
      level -= 1
      return true
    },
  }
}
