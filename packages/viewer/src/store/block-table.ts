import type { DatabaseSync, StatementSync } from 'node:sqlite'

/** Roots of full blocks of a log's leaves, from the first block on without a hole. */
export class BlockTable {
  readonly #count: StatementSync
  readonly #insert: StatementSync
  readonly #selectRoots: StatementSync

  constructor(database: DatabaseSync) {
    this.#count = database.prepare('SELECT count(*) AS count FROM blocks WHERE log = ?')
    this.#insert = database.prepare('INSERT OR IGNORE INTO blocks VALUES (?, ?, ?)')
    this.#selectRoots = database.prepare(
      'SELECT root FROM blocks WHERE log = ? AND block < ? ORDER BY block',
    )
  }

  /** Number of blocks whose root is kept. */
  count(log: number): number {
    return Number(this.#count.get(log)?.['count'])
  }

  /** Keeps the root of a block. */
  insert(log: number, block: number, root: Uint8Array): void {
    this.#insert.run(log, block, root)
  }

  /** Roots of the first blocks. */
  roots(log: number, count: number): readonly Uint8Array[] {
    return this.#selectRoots.all(log, count).map((row) => row['root'] as Uint8Array)
  }
}
