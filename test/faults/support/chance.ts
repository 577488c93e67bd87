/** Gives numbers from 0 to 1 that only depend on the seed (mulberry32). */
export function createChance(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let a = Math.imul(state ^ (state >>> 15), state | 1)
    a ^= a + Math.imul(a ^ (a >>> 7), a | 61)
    return ((a ^ (a >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A seed for a run that was given none; every run prints its own. */
export function freshSeed(): number {
  return Date.now() % 1_000_000
}
