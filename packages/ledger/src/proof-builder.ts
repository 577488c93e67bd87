import { emptyRoot, hashNode } from './hash.ts'
import type { Proof } from './proof.ts'

/** Builds proofs over a fixed list of leaves; every perfect subtree is hashed once. */
export interface ProofBuilder {
  /** Number of leaves. */
  readonly size: number
  /** Root over the leaves `[start, end)`, a subtree or a whole tree. */
  root(start: number, end: number): Uint8Array
  /** Proof for {@link verifyInclusion}: that leaf `index` is in the tree over the first `size`. */
  inclusion(index: number, size?: number): Proof
  /** Proof for {@link verifyConsistency} between the trees over the first `size1` and `size2`. */
  consistency(size1: number, size2?: number): Proof
  /** Proof for {@link verifySubtreeInclusion}. */
  subtreeInclusion(index: number, start: number, end: number): Proof
  /** Proof for {@link verifySubtreeConsistency}. */
  subtreeConsistency(start: number, end: number, size?: number): Proof
}

/** Creates a builder of proofs (RFC 6962 §2.1.1, §2.1.2; draft-ietf-plants-merkle-tree-certs). */
export function createProofBuilder(leafHashes: readonly Uint8Array[]): ProofBuilder {
  const levels = buildLevels(leafHashes)
  const count = leafHashes.length
  const builder: ProofBuilder = {
    size: count,
    root: (start, end) => rootOf(levels, start, end),
    inclusion(index, size = count) {
      checkBounds('index', index, 0, size - 1)
      checkBounds('size', size, 0, count)
      return buildPath(levels, index, 0, size)
    },
    consistency: (size1, size2 = count) => builder.subtreeConsistency(0, size1, size2),
    subtreeInclusion(index, start, end) {
      checkSubtree(start, end, count)
      checkBounds('index', index, start, end - 1)
      return buildPath(levels, index, start, end)
    },
    subtreeConsistency(start, end, size = count) {
      checkBounds('size', size, 0, count)
      checkSubtree(start, end, size)
      return start === end ? [] : buildSubproof(levels, { start, end, from: 0, to: size })
    },
  }
  return builder
}

/** Builds the inclusion proof of one leaf in the tree over all of them. */
export function buildInclusionProof(leafHashes: readonly Uint8Array[], index: number): Proof {
  return createProofBuilder(leafHashes).inclusion(index)
}

/** Builds the consistency proof between the tree over the first `size1` leaves and all of them. */
export function buildConsistencyProof(leafHashes: readonly Uint8Array[], size1: number): Proof {
  return createProofBuilder(leafHashes).consistency(size1)
}

/** One or two subtrees that cover a range: `[start, middle)` and `[middle, end)`. */
export interface SubtreeCover {
  /** At or before the start of the range, by less than half of the first subtree. */
  readonly start: number
  readonly middle: number
  readonly end: number
}

/** Finds the one or two subtrees that cover `[start, end)` (the draft's "Selecting Two Subtrees"). */
export function findSubtreeCover(start: number, end: number): SubtreeCover {
  checkBounds('start', start, 0, end)
  if (end - start <= 1) return { start, middle: end, end }
  let width = 1
  while (Math.floor(start / (2 * width)) !== Math.floor((end - 1) / (2 * width))) width *= 2
  const middle = Math.floor((end - 1) / width) * width
  let left = 1
  while (middle - left > start) left *= 2
  return { start: middle - left, middle, end }
}

type Levels = readonly (readonly Uint8Array[])[]

function buildLevels(leafHashes: readonly Uint8Array[]): Levels {
  const levels: (readonly Uint8Array[])[] = [leafHashes]
  for (let below = leafHashes; below.length > 1; below = levels.at(-1)!) {
    const level: Uint8Array[] = []
    for (let i = 0; i + 1 < below.length; i += 2) level.push(hashNode(below[i]!, below[i + 1]!))
    levels.push(level)
  }
  return levels
}

function rootOf(levels: Levels, start: number, end: number): Uint8Array {
  if (start === end) return emptyRoot()
  const perfect = perfectRoot(levels, start, end)
  if (perfect !== undefined) return perfect
  const middle = start + splitOf(end - start)
  return hashNode(rootOf(levels, start, middle), rootOf(levels, middle, end))
}

function perfectRoot(levels: Levels, start: number, end: number): Uint8Array | undefined {
  const level = Math.log2(end - start)
  if (!Number.isInteger(level) || start % (end - start) !== 0) return undefined
  return levels[level]?.[start / (end - start)]
}

function buildPath(levels: Levels, index: number, start: number, end: number): Uint8Array[] {
  if (end - start === 1) return []
  const middle = start + splitOf(end - start)
  return index < middle
    ? [...buildPath(levels, index, start, middle), rootOf(levels, middle, end)]
    : [...buildPath(levels, index, middle, end), rootOf(levels, start, middle)]
}

interface Subproof {
  readonly start: number
  readonly end: number
  /** Bounds of the part of the tree that is looked at. */
  readonly from: number
  readonly to: number
  /** The part's root is not known to the verifier, because the subtree began left of it. */
  readonly unknown?: boolean
}

function buildSubproof(levels: Levels, part: Subproof): Uint8Array[] {
  const { start, end, from, to } = part
  if (start === from && end === to) return part.unknown ? [rootOf(levels, from, to)] : []
  const middle = from + splitOf(to - from)
  if (end <= middle) {
    return [...buildSubproof(levels, { ...part, to: middle }), rootOf(levels, middle, to)]
  }
  const right =
    start >= middle
      ? { ...part, from: middle }
      : { start: middle, end, from: middle, to, unknown: true }
  return [...buildSubproof(levels, right), rootOf(levels, from, middle)]
}

/** Largest power of two below a count of leaves, which is at least 2. */
function splitOf(count: number): number {
  let split = 1
  while (split * 2 < count) split *= 2
  return split
}

function checkSubtree(start: number, end: number, count: number): void {
  checkBounds('end', end, 0, count)
  checkBounds('start', start, 0, end)
  let width = 1
  while (width < end - start) width *= 2
  if (start !== end && start % width !== 0) throw new TypeError('"start" must begin a subtree')
}

function checkBounds(option: string, value: number, low: number, high: number): void {
  if (!Number.isSafeInteger(value) || value < low || value > high) {
    throw new TypeError(`"${option}" must be an integer from ${low} to ${high}`)
  }
}
