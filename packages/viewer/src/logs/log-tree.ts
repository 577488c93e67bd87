import { buildInclusionProof, buildRoot } from '@tokentrail/ledger'
import type { BlockTable } from '../store/block-table.ts'
import type { RecordTable } from '../store/record-table.ts'

/** Leaves per block: a power of two, so that a full block is a subtree of every larger tree. */
export const BLOCK_LEAVES = 1024

/**
 * Builds inclusion paths over the leaves in the store. Roots of full blocks are kept, so that a
 * path in a log of a million records reads a thousand leaves and not a million.
 */
export class LogTree {
  readonly #records: RecordTable
  readonly #blocks: BlockTable

  constructor(records: RecordTable, blocks: BlockTable) {
    this.#records = records
    this.#blocks = blocks
  }

  /** Makes the roots of the full blocks below a size, where they are not there yet. */
  keepBlocks(log: number, size: number): void {
    const full = Math.floor(size / BLOCK_LEAVES)
    for (let block = this.#blocks.count(log); block < full; block += 1) {
      this.#blocks.insert(log, block, buildRoot(this.#leaves(log, block, size)))
    }
  }

  /** Root of the tree over the first `size` leaves, all of which must be in the store. */
  root(log: number, size: number): Uint8Array {
    this.keepBlocks(log, size)
    return buildRoot(this.#blockRoots(log, size))
  }

  /** Path of a leaf in the tree over the first `size` leaves, all of which must be in the store. */
  inclusionPath(log: number, index: number, size: number): readonly Uint8Array[] {
    this.keepBlocks(log, size)
    const own = Math.floor(index / BLOCK_LEAVES)
    const inner = buildInclusionProof(this.#leaves(log, own, size), index % BLOCK_LEAVES)
    return [...inner, ...buildInclusionProof(this.#blockRoots(log, size), own)]
  }

  /** A tree splits at powers of two, so above the blocks it is the tree over the blocks' roots. */
  #blockRoots(log: number, size: number): readonly Uint8Array[] {
    const roots = [...this.#blocks.roots(log, Math.floor(size / BLOCK_LEAVES))]
    if (size % BLOCK_LEAVES !== 0) roots.push(buildRoot(this.#leaves(log, roots.length, size)))
    return roots
  }

  #leaves(log: number, block: number, size: number): readonly Uint8Array[] {
    const from = block * BLOCK_LEAVES
    return this.#records.leavesOf(log, from, Math.min(from + BLOCK_LEAVES, size))
  }
}
