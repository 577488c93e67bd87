import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { LOST_LEAF } from '@tokentrail/ledger'
import { textOf, type RecordFacts } from './record-facts.ts'
import type { TokenJoin } from './token-table.ts'

/** A record as it is stored. */
export interface StoredRecord {
  readonly id: number
  readonly text: string
}

/** A text that claims the place of another one. */
export interface StoredConflict {
  readonly index: number
  readonly text: string
}

/** What became of a record. */
export type InsertOutcome = 'stored' | 'duplicate' | 'conflict'

const MAX_CONFLICTS_PER_LOG = 1000

/** The records' texts and leaves, found by id or by log and index. */
export class RecordTable {
  readonly #insert: StatementSync
  readonly #selectLeaf: StatementSync
  readonly #insertConflict: StatementSync
  readonly #selectConflicts: StatementSync
  readonly #selectText: StatementSync
  readonly #selectPlace: StatementSync
  readonly #selectFrom: StatementSync
  readonly #selectLeaves: StatementSync
  readonly #selectUnattributed: StatementSync
  readonly #insertJoin: StatementSync
  readonly #selectOpen: StatementSync

  constructor(database: DatabaseSync) {
    this.#insert = database.prepare(
      'INSERT OR IGNORE INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#selectLeaf = database.prepare('SELECT leaf FROM records WHERE log = ? AND idx = ?')
    this.#insertConflict = database.prepare(
      `INSERT OR IGNORE INTO conflicts SELECT ?1, ?2, ?3, ?4
       WHERE (SELECT count(*) FROM conflicts WHERE log = ?1) < ${MAX_CONFLICTS_PER_LOG}`,
    )
    this.#selectConflicts = database.prepare(
      'SELECT idx, text FROM conflicts WHERE log = ? ORDER BY idx',
    )
    this.#selectText = database.prepare('SELECT text FROM records WHERE id = ?')
    this.#selectPlace = database.prepare('SELECT id, text FROM records WHERE log = ? AND idx = ?')
    this.#selectFrom = database.prepare(
      'SELECT idx, text FROM records WHERE log = ? AND idx >= ? ORDER BY idx LIMIT ?',
    )
    this.#selectLeaves = database.prepare(
      'SELECT idx, leaf FROM records WHERE log = ? AND idx >= ? AND idx < ? ORDER BY idx',
    )
    this.#selectUnattributed = database.prepare(
      'SELECT id, text FROM records WHERE token = ? AND session IS NULL',
    )
    this.#insertJoin = database.prepare('INSERT OR REPLACE INTO joins VALUES (?, ?, ?, ?)')
    this.#selectOpen = database.prepare('SELECT text FROM records WHERE id >= ? ORDER BY id')
  }

  /** Keeps a record under an id that is given to no other. */
  insert(
    id: number,
    log: number,
    facts: RecordFacts,
    leaf: Uint8Array,
    text: string,
  ): InsertOutcome {
    const { changes } = this.#insert.run(
      id,
      log,
      facts.index,
      BigInt(facts.time),
      facts.session,
      textOf(facts, 'oauth.token.fingerprint'),
      facts.trace,
      leaf,
      text,
    )
    if (changes !== 0) return 'stored'
    const known = this.#selectLeaf.get(log, facts.index)?.['leaf']
    if (known instanceof Uint8Array && Buffer.compare(known, leaf) === 0) return 'duplicate'
    this.#insertConflict.run(log, facts.index, leaf, text)
    return 'conflict'
  }

  /** Texts that claim a place which another text has, at most 1000 per log. */
  conflictsOf(log: number): readonly StoredConflict[] {
    return this.#selectConflicts
      .all(log)
      .map((row) => ({ index: Number(row['idx']), text: String(row['text']) }))
  }

  /** Text of a record by id. */
  textOf(id: number): string | undefined {
    return toText(this.#selectText.get(id)?.['text'])
  }

  /** A record by its place in a log. */
  find(log: number, index: number): StoredRecord | undefined {
    const row = this.#selectPlace.get(log, index)
    return row === undefined ? undefined : { id: Number(row['id']), text: String(row['text']) }
  }

  /** Texts of a log from an index on, in order, up to the first hole and at most `limit`. */
  textsFrom(log: number, index: number, limit: number): readonly string[] {
    const texts: string[] = []
    for (const row of this.#selectFrom.iterate(log, index, limit)) {
      if (Number(row['idx']) !== index + texts.length) break
      texts.push(String(row['text']))
    }
    return texts
  }

  /**
   * Leaf hashes of a log from one index up to but not including another, in order; where there is
   * no record, that of one that is lost.
   */
  leavesOf(log: number, from: number, to: number): readonly Uint8Array[] {
    const leaves = Array.from({ length: to - from }, () => LOST_LEAF)
    for (const row of this.#selectLeaves.iterate(log, from, to)) {
      leaves[Number(row['idx']) - from] = row['leaf'] as Uint8Array
    }
    return leaves
  }

  /** The records that carry a token's fingerprint and no session. */
  unattributedOf(token: string): readonly StoredRecord[] {
    return this.#selectUnattributed
      .all(token)
      .map((row) => ({ id: Number(row['id']), text: String(row['text']) }))
  }

  /** Gives a record without a session what its token joins. */
  join(id: number, { session, user, client }: TokenJoin): void {
    this.#insertJoin.run(id, session, user, client)
  }

  /** Texts of the records from an id on, in order of arrival. */
  *textsSince(id: number): Generator<string> {
    for (const row of this.#selectOpen.iterate(id)) yield String(row['text'])
  }
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
