import type { DatabaseSync, StatementSync } from 'node:sqlite'

const MAX_CACHED_TERMS = 100_000

/**
 * Numbers terms. Owned by the store, which makes it anew when a transaction fails: numbers given in
 * it were never kept.
 */
export class Dictionary {
  readonly #select: StatementSync
  readonly #insert: StatementSync
  readonly #selectRange: StatementSync
  readonly #cache = new Map<string, number>()

  constructor(database: DatabaseSync) {
    this.#select = database.prepare('SELECT id FROM terms WHERE term = ?')
    this.#insert = database.prepare('INSERT INTO terms (term) VALUES (?)')
    this.#selectRange = database.prepare('SELECT id FROM terms WHERE term >= ? AND term < ?')
  }

  /** Number of a term; `undefined` when no record has it. */
  find(term: string): number | undefined {
    const cached = this.#cache.get(term)
    if (cached !== undefined) return cached
    const row = this.#select.get(term)
    if (row === undefined) return undefined
    return this.#remember(term, Number(row['id']))
  }

  /** Number of a term, given to it now if it had none. */
  intern(term: string): number {
    return this.find(term) ?? this.#remember(term, Number(this.#insert.run(term).lastInsertRowid))
  }

  /** Numbers of the terms from `from` up to but not including `to`, in UTF-8 order. */
  findRange(from: string, to: string): readonly number[] {
    return this.#selectRange.all(from, to).map((row) => Number(row['id']))
  }

  #remember(term: string, id: number): number {
    if (this.#cache.size >= MAX_CACHED_TERMS) this.#cache.clear()
    this.#cache.set(term, id)
    return id
  }
}
