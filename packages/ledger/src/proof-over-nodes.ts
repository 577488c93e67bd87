import { emptyRoot, hashNode } from './hash.ts'
import type { Proof } from './proof.ts'
import type { Frontier } from './tree.ts'

/** Gives the roots of perfect subtrees of a tree that is too large to hold. */
export interface NodeSource {
  /**
   * Root of the leaves `[start, start + 2^level)`, where `start` is a multiple of that width;
   * `undefined` when it is not kept and must be built from the level below. Level 0, the leaves
   * themselves, must be there.
   */
  nodeAt(level: number, start: number): Uint8Array | undefined
}

/**
 * Builds the root over the first `size` leaves.
 *
 * @throws TypeError when the source lacks a leaf
 */
export function buildRootOver(source: NodeSource, size: number): Uint8Array {
  return size === 0 ? emptyRoot() : rootOf(source, 0, size)
}

/**
 * Builds the compact range of the first `size` leaves, from which a tree grows on.
 *
 * @throws TypeError when the source lacks a leaf
 */
export function buildFrontierOver(source: NodeSource, size: number): Frontier {
  const hashes: Uint8Array[] = []
  for (let start = 0; start < size;) {
    const width = largestPower(size - start)
    hashes.push(rootOf(source, start, start + width))
    start += width
  }
  return { size, hashes }
}

/**
 * Builds the proof for {@link verifyConsistency} between the trees over the first `size1` and
 * `size2` leaves (RFC 6962 §2.1.2), `0 < size1 <= size2`.
 *
 * @throws TypeError when the source lacks a leaf
 */
export function buildConsistencyProofOver(source: NodeSource, size1: number, size2: number): Proof {
  if (!Number.isSafeInteger(size2) || !(size1 > 0 && size1 <= size2)) {
    throw new TypeError('"size1" must be from 1 to "size2"')
  }
  return subproof(source, size1, 0, size2, false)
}

function subproof(
  source: NodeSource,
  end: number,
  from: number,
  to: number,
  isUnknown: boolean,
): Uint8Array[] {
  if (end === to) return isUnknown ? [rootOf(source, from, to)] : []
  const middle = from + splitOf(to - from)
  if (end <= middle) {
    return [...subproof(source, end, from, middle, isUnknown), rootOf(source, middle, to)]
  }
  return [...subproof(source, end, middle, to, true), rootOf(source, from, middle)]
}

function rootOf(source: NodeSource, start: number, end: number): Uint8Array {
  const level = Math.log2(end - start)
  if (Number.isInteger(level) && start % (end - start) === 0) {
    const node = source.nodeAt(level, start)
    if (node !== undefined) return node
    if (level === 0) throw new TypeError(`leaf ${start} is missing`)
  }
  const middle = start + splitOf(end - start)
  return hashNode(rootOf(source, start, middle), rootOf(source, middle, end))
}

/** Largest power of two that is not above a count of at least 1. */
function largestPower(count: number): number {
  return count === 1 ? 1 : splitOf(count + 1)
}

/** Largest power of two below a count of leaves, which is at least 2. */
function splitOf(count: number): number {
  let split = 1
  while (split * 2 < count) split *= 2
  return split
}
