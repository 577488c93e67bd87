import { HASH_BYTES, emptyRoot, hashNode } from './hash.ts'

/**
 * The compact range (frontier) of the tree over `[0, size)`: roots of its perfect subtrees, as many
 * as `size` has one bits, largest first. With it a tree can grow without its earlier leaves.
 */
export interface Frontier {
  readonly size: number
  readonly hashes: readonly Uint8Array[]
}

/** An append-only RFC 6962 tree that keeps its compact range only. One owner; not shared. */
export interface MerkleTree {
  /** Number of leaves. */
  readonly size: number
  /** Appends a leaf hash of 32 bytes, which must not change afterwards. */
  append(leafHash: Uint8Array): void
  /** Returns the root over all leaves. */
  root(): Uint8Array
  frontier(): Frontier
}

/**
 * Creates a tree, empty or continued from the compact range of another one.
 *
 * @throws TypeError when the range has not one hash of 32 bytes per one bit of its size.
 */
export function createMerkleTree(frontier: Frontier = { size: 0, hashes: [] }): MerkleTree {
  return new CompactTree(frontier)
}

class CompactTree implements MerkleTree {
  readonly #hashes: Uint8Array[]
  #size: number

  constructor(frontier: Frontier) {
    if (!isFrontier(frontier)) {
      throw new TypeError('"frontier" must have one hash of 32 bytes per one bit of its size')
    }
    this.#hashes = [...frontier.hashes]
    this.#size = frontier.size
  }

  get size(): number {
    return this.#size
  }

  append(leafHash: Uint8Array): void {
    if (leafHash.length !== HASH_BYTES) throw new TypeError('"leafHash" must be 32 bytes')
    let hash = leafHash
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      hash = hashNode(this.#hashes.pop()!, hash)
    }
    this.#hashes.push(hash)
    this.#size++
  }

  root(): Uint8Array {
    let hash = this.#hashes.at(-1)
    if (hash === undefined) return emptyRoot()
    for (let i = this.#hashes.length - 2; i >= 0; i--) hash = hashNode(this.#hashes[i]!, hash)
    return hash
  }

  frontier(): Frontier {
    return { size: this.#size, hashes: [...this.#hashes] }
  }
}

/** Tells whether a compact range has the number and length of hashes that its size asks for. */
export function isFrontier(frontier: Frontier): boolean {
  if (!Number.isSafeInteger(frontier.size) || frontier.size < 0) return false
  let ones = 0
  for (let rest = frontier.size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2
  return (
    frontier.hashes.length === ones && frontier.hashes.every((hash) => hash.length === HASH_BYTES)
  )
}

/** Builds the root over leaf hashes (RFC 6962 §2.1). */
export function buildRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  const tree = createMerkleTree()
  for (const leafHash of leafHashes) tree.append(leafHash)
  return tree.root()
}
