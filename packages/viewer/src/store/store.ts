import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { RecordRow } from '../api-types.ts'
import { hashLeaf } from '@tokentrail/ledger'
import { explainStoreFault, openDatabase } from './database.ts'
import { readText, type IdentityFacts, type RecordFacts } from './record-facts.ts'
import { buildRow } from './rows.ts'
import { prepareSchema } from './schema.ts'
import { joinSession } from './session-join.ts'
import type { StoredSession } from './session-summary.ts'
import { createTables, type StoreTables } from './tables.ts'
import { buildTerms } from './terms.ts'
import { openWriterLock, type WriterLock } from './writer-lock.ts'

/** One text as it arrived, with the event name that stood beside it. */
export interface IncomingText {
  readonly text: string
  readonly eventName?: string | undefined
}

/** What became of the texts of one call. */
export interface AppendResult {
  readonly stored: number
  readonly identities: number
  /** Identical to what was there already. */
  readonly duplicates: number
  /** Another text has the same place: kept as a finding. */
  readonly conflicts: number
  /** Not made by a Tokentrail recorder: not stored. */
  readonly foreign: number
  readonly unreadable: number
  /** What was wrong with the first unreadable text. */
  readonly problem: string | null
}

/** What a call of {@link Store.append} changed. */
export interface StoreChange {
  /** Ids of the new records, ascending. */
  readonly records: readonly number[]
  readonly sessions: readonly string[]
  /** Origins. */
  readonly logs: readonly string[]
}

/** Whether an identity's pseudonym belongs to its clear value, as far as the key at hand tells. */
export type IdentityBinding = 'bound' | 'unknown' | 'forged'

/** Options of {@link openStore}. */
export interface StoreOptions {
  /** Opens an existing store beside its writer, for reading alone. Default is `false`. */
  readonly readOnly?: boolean
  /**
   * Checks that an identity's pseudonym belongs to its clear value. Those that are `forged` are
   * counted as unreadable; `unknown` ones, of another key, give way to `bound` ones. Default is
   * `unknown`, since only a holder of the key can check.
   */
  readonly checkIdentity?: (identity: IdentityFacts) => IdentityBinding
}

type Counters = { -readonly [Name in keyof AppendResult]: AppendResult[Name] }

/**
 * The embedded store: records by their canonical text, and everything that is asked for derived
 * from it. One writer per file, any number of readers.
 */
export class Store {
  readonly path: string
  readonly #database: DatabaseSync
  readonly #lock: WriterLock | undefined
  readonly #checkIdentity: (identity: IdentityFacts) => IdentityBinding
  readonly #listeners = new Set<(change: StoreChange) => void>()
  readonly #saveRejections: StatementSync
  #tables: StoreTables
  #rejections: number

  constructor(path: string, options: StoreOptions = {}) {
    const readOnly = options.readOnly ?? false
    this.path = path
    this.#checkIdentity = options.checkIdentity ?? ((): IdentityBinding => 'unknown')
    this.#lock = readOnly || path === ':memory:' ? undefined : openWriterLock(path)
    try {
      this.#database = openDatabase(path, readOnly)
      prepareSchema(this.#database, path, readOnly)
      // One snapshot, whatever the writer does meanwhile.
      this.#database.exec('BEGIN')
      this.#tables = createTables(this.#database)
      this.#database.exec('COMMIT')
      this.#saveRejections = this.#database.prepare(
        "INSERT OR REPLACE INTO meta VALUES ('rejections', ?)",
      )
      this.#rejections = this.#readRejections()
    } catch (error) {
      this.#lock?.close()
      throw explainStoreFault(path, error)
    }
  }

  /** The tables, for those who search and prove. Replaced when a transaction failed. */
  get tables(): StoreTables {
    return this.#tables
  }

  /** Number of records. */
  get records(): number {
    return this.#tables.chunks.nextId - 1
  }

  /** Number of rejected requests. */
  get rejections(): number {
    return this.#rejections
  }

  /**
   * Takes in texts, all in one transaction: when it returns they are kept, when it throws none is.
   * A text never makes it throw, whatever it holds.
   */
  append(texts: Iterable<IncomingText>): AppendResult {
    const result: Counters = {
      stored: 0,
      identities: 0,
      duplicates: 0,
      conflicts: 0,
      foreign: 0,
      unreadable: 0,
      problem: null,
    }
    const logs = new Set<string>()
    const firstId = this.#tables.chunks.nextId
    this.#database.exec('BEGIN IMMEDIATE')
    let sessions: readonly string[] = []
    try {
      for (const incoming of texts) this.#take(incoming, result, logs)
      sessions = this.#tables.sessions.flush()
      this.#tables.logs.flush()
      this.#saveRejections.run(this.#rejections)
      this.#database.exec('COMMIT')
    } catch (error) {
      this.#rollBack()
      throw error
    }
    const records = Array.from({ length: result.stored }, (_, at) => firstId + at)
    if (logs.size > 0 || sessions.length > 0) this.#notify({ records, sessions, logs: [...logs] })
    return result
  }

  /** Calls `listener` after every change; returns what ends that. */
  subscribe(listener: (change: StoreChange) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** A record as a row. */
  row(id: number): RecordRow | undefined {
    const text = this.#tables.records.textOf(id)
    return text === undefined ? undefined : buildRow(text, this.#tables)
  }

  /** Summary of one session. */
  session(id: string): StoredSession | undefined {
    return this.#tables.sessions.find(id)
  }

  /** Closes the file. No method may be called after. */
  close(): void {
    this.#database.close()
    this.#lock?.close()
  }

  #take({ text, eventName }: IncomingText, result: Counters, logs: Set<string>): void {
    const read = readText(text, eventName)
    switch (read.kind) {
      case 'foreign':
        result.foreign += 1
        break
      case 'unreadable':
        result.unreadable += 1
        result.problem ??= read.problem
        break
      case 'identity':
        this.#takeIdentity(read.identity, result)
        break
      case 'record':
        if (this.#takeRecord(read.facts, text, result)) logs.add(read.facts.log)
        break
    }
  }

  #takeIdentity(identity: IdentityFacts, result: Counters): void {
    const binding = this.#checkIdentity(identity)
    if (binding === 'forged') {
      result.unreadable += 1
      result.problem ??= 'pseudonym of an identity record does not belong to its value'
    } else if (this.#tables.identities.add(identity, binding === 'bound')) {
      result.identities += 1
    } else {
      result.duplicates += 1
    }
  }

  #takeRecord(facts: RecordFacts, text: string, result: Counters): boolean {
    const { records, chunks, terms, logs } = this.#tables
    const log = logs.intern(facts.log)
    const id = chunks.nextId
    const outcome = records.insert(id, log, facts, hashLeaf(text), text)
    if (outcome === 'duplicate') {
      result.duplicates += 1
      return false
    }
    if (outcome === 'conflict') {
      result.conflicts += 1
      return true
    }
    const time = BigInt(facts.time)
    chunks.add(
      time,
      [...buildTerms(facts)].map((term) => terms.intern(term)),
    )
    logs.count(facts.log, time, facts.type === 'tokentrail.log.open')
    if (facts.type === 'oauth.request.rejected') this.#rejections += 1
    joinSession(id, facts, this.#tables)
    result.stored += 1
    return true
  }

  #rollBack(): void {
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
    this.#tables = createTables(this.#database)
    this.#rejections = this.#readRejections()
  }

  #readRejections(): number {
    const row = this.#database.prepare("SELECT value FROM meta WHERE key = 'rejections'").get()
    return Number(row?.['value'] ?? 0)
  }

  #notify(change: StoreChange): void {
    for (const listener of this.#listeners) listener(change)
  }
}

/**
 * Opens the store, and makes it where there is none.
 *
 * @param path - File of the store, or `:memory:`.
 * @throws {@link ViewerError} `ERR_VIEWER_STORE_NEWER`, `ERR_VIEWER_STORE_UNREADABLE`,
 *   `ERR_VIEWER_STORE_BUSY`.
 */
export function openStore(path: string, options: StoreOptions = {}): Store {
  return new Store(path, options)
}
