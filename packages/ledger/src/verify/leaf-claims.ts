import { HASH_BYTES } from '../hash.ts'
import type { CheckpointEvidence } from './log-evidence.ts'
import type { LeafColumn } from './leaf-column.ts'

/** Where a leaf hash stands: 32 bytes of `bytes` at `offset`. */
export interface LeafPlace {
  readonly bytes: Uint8Array
  readonly offset: number
}

/** Which of the two claims about a leaf is believed first. */
export type ClaimOrder = 'checkpoint-first' | 'record-first'

/**
 * What the export claims about the leaves of a log, in index order: the hashes that checkpoint
 * records carry, and the hashes of the records at hand. It is read forwards only, so that a log of
 * any length, or with any gap in it, is walked once.
 */
export class LeafClaims {
  readonly #leaves: LeafColumn
  readonly #rows: Uint32Array
  readonly #checkpoints: readonly CheckpointEvidence[]
  #nextRow = 0
  #nextCheckpoint = 0

  /** @param checkpoints - By index. */
  constructor(leaves: LeafColumn, rows: Uint32Array, checkpoints: readonly CheckpointEvidence[]) {
    this.#leaves = leaves
    this.#rows = rows
    this.#checkpoints = checkpoints
  }

  /** The hash that a checkpoint record carries for a leaf. Indexes must not go down. */
  fromCheckpoint(index: number): LeafPlace | undefined {
    while (this.#nextCheckpoint < this.#checkpoints.length) {
      const checkpoint = this.#checkpoints[this.#nextCheckpoint]!
      if (checkpoint.index > index) {
        if (checkpoint.from > index) return undefined
        return { bytes: checkpoint.leaves, offset: (index - checkpoint.from) * HASH_BYTES }
      }
      this.#nextCheckpoint++
    }
    return undefined
  }

  /** Range of positions in the sorted rows that claim an index. Indexes must not go down. */
  rowsOf(index: number): readonly [start: number, end: number] {
    while (
      this.#nextRow < this.#rows.length &&
      this.#leaves.indexAt(this.#rows[this.#nextRow]!) < index
    ) {
      this.#nextRow++
    }
    let end = this.#nextRow
    while (end < this.#rows.length && this.#leaves.indexAt(this.#rows[end]!) === index) end++
    return [this.#nextRow, end]
  }

  /** The next index, from this one on, that anything is claimed of. Indexes must not go down. */
  nextClaimed(index: number): number {
    const [start, end] = this.rowsOf(index)
    if (start < end || this.fromCheckpoint(index) !== undefined) return index
    const row = this.#rows[start]
    const byRecord = row === undefined ? Infinity : this.#leaves.indexAt(row)
    return Math.min(byRecord, this.#checkpoints[this.#nextCheckpoint]?.from ?? Infinity)
  }

  /** The hash that is believed first, else the other one. Indexes must not go down. */
  believe(index: number, order: ClaimOrder): LeafPlace | undefined {
    const carried = this.fromCheckpoint(index)
    if (carried !== undefined && order === 'checkpoint-first') return carried
    const [start, end] = this.rowsOf(index)
    if (start === end) return carried
    return { bytes: this.#leaves.hashAt(this.#rows[start]!), offset: 0 }
  }
}
