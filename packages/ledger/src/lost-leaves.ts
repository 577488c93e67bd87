import { HASH_BYTES } from './hash.ts'

/**
 * What a successor puts in place of the leaf of a record that it found unreadable: 32 zero bytes.
 * No text hashes to it, so nobody can ever present a record for it.
 */
export const LOST_LEAF: Uint8Array = new Uint8Array(HASH_BYTES)

/** First and last index of leaves that are lost. */
export type LostRun = readonly [first: number, last: number]

/** Tells whether the hash in `hashes` at `offset` is {@link LOST_LEAF}. */
export function isLostLeaf(hashes: Uint8Array, offset = 0): boolean {
  for (let i = 0; i < HASH_BYTES; i++) if (hashes[offset + i] !== 0) return false
  return true
}

/**
 * Lists the lost ones among leaves.
 *
 * @param hashes - Concatenated.
 * @param from - Index of the first.
 */
export function findLostLeaves(hashes: Uint8Array, from: number): LostRun[] {
  const runs: [number, number][] = []
  for (let at = 0; at < hashes.length; at += HASH_BYTES) {
    if (!isLostLeaf(hashes, at)) continue
    const index = from + at / HASH_BYTES
    const last = runs.at(-1)
    if (last?.[1] === index - 1) last[1] = index
    else runs.push([index, index])
  }
  return runs
}

/** Tells whether a `lost` member, absent for none, names exactly these runs. */
export function isSameRuns(value: unknown, runs: readonly LostRun[]): boolean {
  if (value === undefined) return runs.length === 0
  return runs.length > 0 && JSON.stringify(value) === JSON.stringify(runs)
}
