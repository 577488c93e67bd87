import { HASH_BYTES, digestLeaf } from '../hash.ts'
import { RECORD_KINDS, type RecordKind } from './record-kind.ts'

/** The rows of a column, as they go from one thread to another. */
export interface LeafRows {
  readonly count: number
  /** Leaf hashes, concatenated. */
  readonly hashes: Uint8Array
  readonly indexes: Float64Array
  readonly seconds: Float64Array
  /** Positions in the list of kinds. */
  readonly kinds: Uint8Array
}

const WORDS = HASH_BYTES / 4
const FIRST_CAPACITY = 4

/**
 * The records of one log in columns: 49 bytes each and no object, so that a million of them, or one
 * that claims the index nine million billion, cost what they are and no more.
 */
export class LeafColumn {
  #words = new Int32Array(FIRST_CAPACITY * WORDS)
  #hashes = new Uint8Array(this.#words.buffer)
  #indexes = new Float64Array(FIRST_CAPACITY)
  #seconds = new Float64Array(FIRST_CAPACITY)
  #kinds = new Uint8Array(FIRST_CAPACITY)
  #count = 0

  /** Number of rows. */
  get count(): number {
    return this.#count
  }

  /** Appends a record and returns its row. */
  append(text: string, index: number, seconds: number, kind: RecordKind): number {
    return this.appendDigest(digestLeaf(text), index, seconds, kind)
  }

  /** Appends a record whose leaf hash is known, as {@link digestLeaf} gives it; returns its row. */
  appendDigest(digest: string, index: number, seconds: number, kind: RecordKind): number {
    if (this.#count === this.#indexes.length) this.#grow()
    const row = this.#count++
    const start = row * HASH_BYTES
    for (let i = 0; i < HASH_BYTES; i++) this.#hashes[start + i] = digest.charCodeAt(i)
    this.#indexes[row] = index
    this.#seconds[row] = seconds
    this.#kinds[row] = RECORD_KINDS.indexOf(kind)
    return row
  }

  /** Appends the rows of another column, in their order. */
  appendRows({ count, hashes, indexes, seconds, kinds }: LeafRows): void {
    const first = this.#count
    while (this.#indexes.length < first + count) this.#grow()
    this.#hashes.set(hashes.subarray(0, count * HASH_BYTES), first * HASH_BYTES)
    this.#indexes.set(indexes.subarray(0, count), first)
    this.#seconds.set(seconds.subarray(0, count), first)
    this.#kinds.set(kinds.subarray(0, count), first)
    this.#count += count
  }

  /** Its rows; they are its own memory, so it is of no use any more once they have gone. */
  toRows(): LeafRows {
    return {
      count: this.#count,
      hashes: this.#hashes,
      indexes: this.#indexes,
      seconds: this.#seconds,
      kinds: this.#kinds,
    }
  }

  indexAt(row: number): number {
    return this.#indexes[row]!
  }

  /** Whether any row claims an index. */
  hasIndex(index: number): boolean {
    return this.#indexes.subarray(0, this.#count).includes(index)
  }

  /** POSIX seconds of the record's time. */
  secondsAt(row: number): number {
    return this.#seconds[row]!
  }

  kindAt(row: number): RecordKind {
    return RECORD_KINDS[this.#kinds[row]!]!
  }

  /** Leaf hash; valid until the next append. */
  hashAt(row: number): Uint8Array {
    return this.#hashes.subarray(row * HASH_BYTES, (row + 1) * HASH_BYTES)
  }

  /** Tells whether a row's leaf hash is the one in `bytes` at `offset`. */
  isHash(row: number, bytes: Uint8Array, offset: number): boolean {
    const start = row * HASH_BYTES
    for (let i = 0; i < HASH_BYTES; i++) {
      if (this.#hashes[start + i] !== bytes[offset + i]) return false
    }
    return true
  }

  /** Rows by index, without exact copies; different texts of one index stand side by side. */
  sortedRows(): Uint32Array {
    const rows = new Uint32Array(this.#count)
    let isOrdered = true
    for (let row = 0; row < this.#count; row++) {
      rows[row] = row
      if (row > 0 && this.#indexes[row - 1]! >= this.#indexes[row]!) isOrdered = false
    }
    if (isOrdered) return rows
    // Of exact copies the first one read stays: its parsed form is known by its row.
    rows.sort((a, b) => this.#compare(a, b) || a - b)
    let kept = 0
    for (const row of rows) {
      if (kept === 0 || this.#compare(rows[kept - 1]!, row) !== 0) rows[kept++] = row
    }
    return rows.subarray(0, kept)
  }

  #compare(a: number, b: number): number {
    const order = this.#indexes[a]! - this.#indexes[b]!
    if (order !== 0) return order
    for (let i = 0; i < WORDS; i++) {
      const difference = this.#words[a * WORDS + i]! - this.#words[b * WORDS + i]!
      if (difference !== 0) return difference
    }
    return 0
  }

  #grow(): void {
    const capacity = this.#indexes.length * 2
    const words = new Int32Array(capacity * WORDS)
    words.set(this.#words)
    this.#words = words
    this.#hashes = new Uint8Array(words.buffer)
    const indexes = new Float64Array(capacity)
    indexes.set(this.#indexes)
    this.#indexes = indexes
    const seconds = new Float64Array(capacity)
    seconds.set(this.#seconds)
    this.#seconds = seconds
    const kinds = new Uint8Array(capacity)
    kinds.set(this.#kinds)
    this.#kinds = kinds
  }
}
