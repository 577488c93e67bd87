import { sha256Into } from '#crypto'
import { HASH_BYTES, emptyRoot } from './hash.ts'

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
  /** Appends the leaf hash of 32 bytes that stands in `bytes` at `offset` (default 0). */
  append(bytes: Uint8Array, offset?: number): void
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

/** A size below 2^53 has at most 53 one bits; one place more for the leaf that is coming in. */
const MAX_HEIGHT = 54

class CompactTree implements MerkleTree {
  /** Hashes of the compact range, largest subtree first. */
  readonly #range = new Uint8Array(MAX_HEIGHT * HASH_BYTES)
  /** `0x01 || left || right` of the node that is being hashed. */
  readonly #node = new Uint8Array(1 + 2 * HASH_BYTES).fill(0x01, 0, 1)
  #height = 0
  #size: number

  constructor(frontier: Frontier) {
    if (!isFrontier(frontier)) {
      throw new TypeError('"frontier" must have one hash of 32 bytes per one bit of its size')
    }
    for (const hash of frontier.hashes) this.#range.set(hash, HASH_BYTES * this.#height++)
    this.#size = frontier.size
  }

  get size(): number {
    return this.#size
  }

  append(bytes: Uint8Array, offset = 0): void {
    if (bytes.length < offset + HASH_BYTES) throw new TypeError('"bytes" must hold a whole hash')
    const top = HASH_BYTES * this.#height++
    for (let i = 0; i < HASH_BYTES; i++) this.#range[top + i] = bytes[offset + i]!
    for (let rest = this.#size; rest % 2 === 1; rest = Math.floor(rest / 2)) {
      this.#height--
      const left = HASH_BYTES * (this.#height - 1)
      this.#node.set(this.#range.subarray(left, left + 2 * HASH_BYTES), 1)
      sha256Into(this.#node, this.#range, left)
    }
    this.#size++
  }

  root(): Uint8Array {
    if (this.#height === 0) return emptyRoot()
    const root = this.#range.slice(HASH_BYTES * (this.#height - 1), HASH_BYTES * this.#height)
    for (let i = this.#height - 2; i >= 0; i--) {
      this.#node.set(this.#range.subarray(HASH_BYTES * i, HASH_BYTES * (i + 1)), 1)
      this.#node.set(root, 1 + HASH_BYTES)
      sha256Into(this.#node, root, 0)
    }
    return root
  }

  frontier(): Frontier {
    const hashes = Array.from({ length: this.#height }, (_, i) =>
      this.#range.slice(HASH_BYTES * i, HASH_BYTES * (i + 1)),
    )
    return { size: this.#size, hashes }
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
