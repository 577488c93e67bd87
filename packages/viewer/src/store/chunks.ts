import type { DatabaseSync, StatementSync } from 'node:sqlite'
import {
  buildFullBitmap,
  CHUNK_RECORDS,
  encodePostings,
  orPostings,
  setBit,
  type Bitmap,
} from './bitmap.ts'

/** Times of a chunk's records: what decides whether a search has to look into it. */
export interface ChunkSpan {
  readonly chunk: number
  readonly minTime: bigint
  readonly maxTime: bigint
}

/**
 * The postings of all records. Record ids count from 1 in order of arrival; chunk `n` holds
 * {@link CHUNK_RECORDS} of them. A full chunk is sealed: its postings are written once and never
 * change. The last, open chunk lives in memory and is rebuilt from the records' texts on opening.
 * Owned by the store; `add` runs inside the store's transaction.
 */
export class Chunks {
  readonly #insertPostings: StatementSync
  readonly #insertChunk: StatementSync
  readonly #selectPostings: StatementSync
  readonly #selectTimes: StatementSync
  readonly #sealed: ChunkSpan[]
  #openTerms = new Map<number, number[]>()
  #openTimes = new BigInt64Array(CHUNK_RECORDS)
  #openCount = 0

  constructor(database: DatabaseSync) {
    this.#insertPostings = database.prepare('INSERT INTO postings VALUES (?, ?, ?)')
    this.#insertChunk = database.prepare('INSERT INTO chunks VALUES (?, ?, ?, ?)')
    this.#selectPostings = database.prepare(
      'SELECT offsets FROM postings WHERE chunk = ? AND term = ?',
    )
    this.#selectTimes = database.prepare('SELECT times FROM chunks WHERE chunk = ?')
    this.#sealed = database
      .prepare(
        `SELECT chunk, CAST(min_time AS TEXT) AS min, CAST(max_time AS TEXT) AS max
         FROM chunks ORDER BY chunk`,
      )
      .all()
      .map((row) => ({
        chunk: Number(row['chunk']),
        minTime: BigInt(String(row['min'])),
        maxTime: BigInt(String(row['max'])),
      }))
  }

  /** Id of the record that is added next. */
  get nextId(): number {
    return this.#sealed.length * CHUNK_RECORDS + this.#openCount + 1
  }

  /** Id of the open chunk's first record. */
  get firstOpenId(): number {
    return this.#sealed.length * CHUNK_RECORDS + 1
  }

  /** Adds the record {@link nextId}; seals the chunk that it fills. */
  add(time: bigint, terms: Iterable<number>): void {
    const offset = this.#openCount
    this.#openTimes[offset] = time
    for (const term of terms) {
      const offsets = this.#openTerms.get(term)
      if (offsets === undefined) this.#openTerms.set(term, [offset])
      else offsets.push(offset)
    }
    this.#openCount += 1
    if (this.#openCount === CHUNK_RECORDS) this.#seal()
  }

  /** Spans of all chunks that have records. */
  spans(): readonly ChunkSpan[] {
    if (this.#openCount === 0) return this.#sealed
    return [...this.#sealed, this.#openSpan()]
  }

  /** Number of records in a chunk. */
  sizeOf(chunk: number): number {
    return chunk < this.#sealed.length ? CHUNK_RECORDS : this.#openCount
  }

  /** Bitmap of all records of a chunk. */
  allOf(chunk: number): Bitmap {
    return buildFullBitmap(this.sizeOf(chunk))
  }

  /** Adds the records of a chunk that have a term to a bitmap. */
  orTerm(bitmap: Bitmap, chunk: number, term: number): void {
    if (chunk === this.#sealed.length) {
      for (const offset of this.#openTerms.get(term) ?? []) setBit(bitmap, offset)
      return
    }
    const bytes = this.#selectPostings.get(chunk, term)?.['offsets']
    if (bytes instanceof Uint8Array) orPostings(bitmap, bytes)
  }

  /** Times of a chunk's records by offset; entries past its size mean nothing. */
  timesOf(chunk: number): BigInt64Array {
    if (chunk === this.#sealed.length) return this.#openTimes
    const bytes = this.#selectTimes.get(chunk)?.['times']
    if (!(bytes instanceof Uint8Array)) throw new Error(`chunk ${chunk} of the store is missing`)
    return new BigInt64Array(bytes.slice().buffer)
  }

  #openSpan(): ChunkSpan {
    let minTime = this.#openTimes[0]!
    let maxTime = minTime
    for (let offset = 1; offset < this.#openCount; offset += 1) {
      const time = this.#openTimes[offset]!
      if (time < minTime) minTime = time
      if (time > maxTime) maxTime = time
    }
    return { chunk: this.#sealed.length, minTime, maxTime }
  }

  #seal(): void {
    const { chunk, minTime, maxTime } = this.#openSpan()
    for (const [term, offsets] of this.#openTerms) {
      this.#insertPostings.run(chunk, term, encodePostings(offsets))
    }
    this.#insertChunk.run(chunk, minTime, maxTime, new Uint8Array(this.#openTimes.buffer))
    this.#sealed.push({ chunk, minTime, maxTime })
    this.#openTerms = new Map()
    this.#openTimes = new BigInt64Array(CHUNK_RECORDS)
    this.#openCount = 0
  }
}
