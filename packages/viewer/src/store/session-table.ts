import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { RecordFacts } from './record-facts.ts'
import { createSession, foldRecord, type StoredSession } from './session-summary.ts'

/** One page of sessions, last seen first. */
export interface SessionPage {
  readonly sessions: readonly StoredSession[]
  readonly next: string | null
}

/** Which sessions a page is made of. */
export interface SessionPageOptions {
  readonly active?: boolean
  readonly limit: number
  /** Cursor that an earlier page gave. */
  readonly before?: { readonly lastSeen: bigint; readonly id: string }
}

/**
 * Materialised summaries. Changes of one transaction are gathered in memory and written once per
 * session by {@link flush}; both run inside the store's transaction.
 */
export class SessionTable {
  readonly #database: DatabaseSync
  readonly #select: StatementSync
  readonly #upsert: StatementSync
  readonly #selectActive: StatementSync
  readonly #count: StatementSync
  #pending = new Map<string, StoredSession>()

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#select = database.prepare('SELECT summary FROM sessions WHERE id = ?')
    this.#selectActive = database.prepare('SELECT id FROM sessions WHERE active = 1')
    this.#count = database.prepare('SELECT count(*) AS count FROM sessions')
    this.#upsert = database.prepare(
      `INSERT INTO sessions (id, last_seen, active, summary) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
       last_seen = excluded.last_seen, active = excluded.active, summary = excluded.summary`,
    )
  }

  /** Takes a record into the summary of its session. */
  fold(id: string, record: RecordFacts): void {
    const known = this.#pending.get(id) ?? this.find(id) ?? createSession(id, record)
    this.#pending.set(id, foldRecord(known, record))
  }

  /** Writes what was folded; returns the ids of the sessions that changed. */
  flush(): readonly string[] {
    const changed = [...this.#pending.keys()]
    for (const session of this.#pending.values()) {
      this.#upsert.run(
        session.id,
        BigInt(session.lastSeen),
        session.active ? 1 : 0,
        JSON.stringify(session),
      )
    }
    this.#pending = new Map()
    return changed
  }

  /** Summary of one session. */
  find(id: string): StoredSession | undefined {
    const summary = this.#select.get(id)?.['summary']
    return typeof summary === 'string' ? JSON.parse(summary) : undefined
  }

  /** Ids of the sessions that have not ended. */
  activeIds(): readonly string[] {
    return this.#selectActive.all().map((row) => String(row['id']))
  }

  /** Number of sessions. */
  count(): number {
    return Number(this.#count.get()?.['count'])
  }

  /** A page of sessions, last seen first. */
  page(options: SessionPageOptions): SessionPage {
    const { active, limit, before } = options
    const conditions: string[] = []
    const values: (string | number | bigint)[] = []
    if (active !== undefined) {
      conditions.push('active = ?')
      values.push(active ? 1 : 0)
    }
    if (before !== undefined) {
      conditions.push('(last_seen, id) < (?, ?)')
      values.push(before.lastSeen, before.id)
    }
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
    const rows = this.#database
      .prepare(`SELECT summary FROM sessions ${where} ORDER BY last_seen DESC, id DESC LIMIT ?`)
      .all(...values, limit + 1)
    const sessions = rows.map((row) => JSON.parse(String(row['summary'])) as StoredSession)
    const page = sessions.slice(0, limit)
    const last = page.at(-1)
    const hasMore = sessions.length > limit && last !== undefined
    return { sessions: page, next: hasMore ? `${last.lastSeen}.${last.id}` : null }
  }
}
