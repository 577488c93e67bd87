import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { parseOrigin } from './terms.ts'

/** What the store knows of one log. */
export interface StoredLog {
  readonly id: number
  readonly origin: string
  readonly service: string
  readonly slot: string
  readonly records: number
  /** Time of `log.open`, nanoseconds. */
  readonly openedAt: string | null
  /** Latest record time, nanoseconds. */
  readonly lastRecordAt: string | null
}

interface LogTotals {
  readonly id: number
  records: number
  openedAt: bigint | null
  lastRecordAt: bigint | null
}

/** The logs, their counters gathered per transaction like those of sessions. */
export class LogTable {
  readonly #select: StatementSync
  readonly #selectAll: StatementSync
  readonly #selectFollowed: StatementSync
  readonly #updateFollowed: StatementSync
  readonly #selectCount: StatementSync
  readonly #insert: StatementSync
  readonly #update: StatementSync
  #pending = new Map<string, LogTotals>()

  constructor(database: DatabaseSync) {
    const columns = `SELECT id, origin, service, slot, records,
      CAST(opened_at AS TEXT) AS opened, CAST(last_record_at AS TEXT) AS last FROM logs`
    this.#select = database.prepare(`${columns} WHERE origin = ?`)
    this.#selectAll = database.prepare(`${columns} ORDER BY id DESC`)
    this.#selectFollowed = database.prepare('SELECT followed FROM logs WHERE id = ?')
    this.#updateFollowed = database.prepare('UPDATE logs SET followed = ? WHERE id = ?')
    this.#selectCount = database.prepare('SELECT count(*) AS count FROM logs')
    this.#insert = database.prepare('INSERT INTO logs (origin, service, slot) VALUES (?, ?, ?)')
    this.#update = database.prepare(
      'UPDATE logs SET records = ?, opened_at = ?, last_record_at = ? WHERE id = ?',
    )
  }

  /** Number of a log, given to it now if it is new. */
  intern(origin: string): number {
    return this.#totalsOf(origin).id
  }

  /** Counts a record that was stored. */
  count(origin: string, time: bigint, isOpen: boolean): void {
    const totals = this.#totalsOf(origin)
    totals.records += 1
    if (isOpen) totals.openedAt = time
    if (totals.lastRecordAt === null || time > totals.lastRecordAt) totals.lastRecordAt = time
  }

  /** Writes the counters. */
  flush(): void {
    for (const { id, records, openedAt, lastRecordAt } of this.#pending.values()) {
      this.#update.run(records, openedAt, lastRecordAt, id)
    }
    this.#pending = new Map()
  }

  /** One log. */
  find(origin: string): StoredLog | undefined {
    const row = this.#select.get(origin)
    return row === undefined ? undefined : toLog(row)
  }

  /** What was found out about a log when it was complete, as {@link keepFollowed} wrote it. */
  followedOf(id: number): string | null {
    return toText(this.#selectFollowed.get(id)?.['followed'])
  }

  /** Keeps what was found out about a complete log, so that it need not be followed again. */
  keepFollowed(id: number, followed: string): void {
    this.#updateFollowed.run(followed, id)
  }

  /** Number of logs. */
  size(): number {
    return Number(this.#selectCount.get()?.['count'])
  }

  /** All logs, newest arrival first. */
  all(): readonly StoredLog[] {
    return this.#selectAll.all().map(toLog)
  }

  #totalsOf(origin: string): LogTotals {
    const pending = this.#pending.get(origin)
    if (pending !== undefined) return pending
    const known = this.find(origin)
    const totals: LogTotals = {
      id: known?.id ?? this.#create(origin),
      records: known?.records ?? 0,
      openedAt: toBigInt(known?.openedAt),
      lastRecordAt: toBigInt(known?.lastRecordAt),
    }
    this.#pending.set(origin, totals)
    return totals
  }

  #create(origin: string): number {
    const { service, slot } = parseOrigin(origin)
    return Number(this.#insert.run(origin, service, slot).lastInsertRowid)
  }
}

function toLog(row: Readonly<Record<string, unknown>>): StoredLog {
  return {
    id: Number(row['id']),
    origin: String(row['origin']),
    service: String(row['service']),
    slot: String(row['slot']),
    records: Number(row['records']),
    openedAt: toText(row['opened']),
    lastRecordAt: toText(row['last']),
  }
}

function toText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function toBigInt(value: string | null | undefined): bigint | null {
  return value === null || value === undefined ? null : BigInt(value)
}
