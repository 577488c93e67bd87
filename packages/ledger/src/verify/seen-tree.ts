import { HASH_BYTES } from '../hash.ts'
import { findLostLeaves, LOST_LEAF } from '../lost-leaves.ts'
import { createMerkleTree, type MerkleTree } from '../tree.ts'
import type { CommittedRecovery, LogAnalysis, LostLeaves } from './log-analysis.ts'

/** Leaves `[start, prevSize)` of a dead log, and its tree over them where it can be built. */
export interface CarriedTail {
  readonly start: number
  readonly hashes: Uint8Array
  readonly tree?: MerkleTree
}

/**
 * Lists the leaves of a log that a successor says are lost. What is signed already is not lost,
 * whoever says so.
 */
export function listLostLeaves(
  { provenSize }: LogAnalysis,
  { tail, index: at }: CommittedRecovery,
  by: string,
): LostLeaves[] {
  const lost: LostLeaves[] = []
  for (const [first, last] of tail === undefined ? [] : findLostLeaves(tail.leaves, tail.from)) {
    if (first < provenSize) {
      lost.push({ first, last: Math.min(last, provenSize - 1), by, at, isOverruled: true })
    }
    if (last >= provenSize) {
      lost.push({ first: Math.max(first, provenSize), last, by, at, isOverruled: false })
    }
  }
  return lost
}

/** The root that a successor must have named, where the tree can be built. */
export function computeSeenRoot(
  log: LogAnalysis,
  { start, hashes, tree }: CarriedTail,
  successor: string,
): Uint8Array | undefined {
  const isOverruled = log.lost.some((run) => run.isOverruled && run.by === successor)
  if (!isOverruled) return tree?.root()
  const own = growSeenTree(log, start, successor)
  if (own === undefined) return undefined
  for (let at = 0; at < hashes.length; at += HASH_BYTES) own.append(hashes, at)
  return own.root()
}

/** The tree over the first leaves as a successor has seen it: without those that it found lost. */
export function growSeenTree(
  { rebuilt, lost }: LogAnalysis,
  size: number,
  successor: string,
): MerkleTree | undefined {
  const overruled = lost.filter(({ by, isOverruled }) => isOverruled && by === successor)
  const isLost = (index: number): boolean =>
    overruled.some(({ first, last }) => first <= index && index <= last)
  const tree = createMerkleTree()
  for (const { start, hashes } of rebuilt.proven) {
    if (start !== tree.size) break
    for (let at = 0; at < hashes.length && tree.size < size; at += HASH_BYTES) {
      if (overruled.length > 0 && isLost(tree.size)) tree.append(LOST_LEAF)
      else tree.append(hashes, at)
    }
  }
  return tree.size === size ? tree : undefined
}
