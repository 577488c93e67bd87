import type { DatabaseSync } from 'node:sqlite'
import type { RegistryAlarm } from '../api-types.ts'

/** Alarms that are listed; the others are counted. */
const LISTED = 50
/** One contradiction proves a fork; so many are kept of one log, whatever its key's holder signs. */
const MAX_FORKS = 16

/** What is kept of an alarm beside its key. */
type KeptAlarm = RegistryAlarm & { readonly time: string }

/**
 * What a registry must tell whoever looks, and goes on telling after a restart: contradictions
 * between signed heads. They are kept in its store, under keys that begin with `fork`. One thread
 * owns it.
 */
export class RegistryAlarms {
  readonly #database: DatabaseSync
  #listed: readonly RegistryAlarm[] | undefined
  #count: number | undefined

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** The newest first, at most 50. */
  list(): readonly RegistryAlarm[] {
    // What a transaction has raised and not kept is not listed: it is read again after every change.
    this.#listed ??= this.#database
      .prepare(
        "SELECT key, value FROM meta WHERE key >= 'fork' AND key < 'forl' " +
          `ORDER BY json_extract(value, '$.time') DESC, key LIMIT ${LISTED}`,
      )
      .all()
      .map(({ key, value }) => toAlarm(String(key), String(value)))
    return this.#listed
  }

  /** All that are kept. */
  count(): number {
    const select = "SELECT count(*) AS count FROM meta WHERE key >= 'fork' AND key < 'forl'"
    this.#count ??= Number(this.#database.prepare(select).get()?.['count'])
    return this.#count
  }

  /** Whether this head was told of before, or so many others of its log that it adds nothing. */
  isForkKnown(note: string, origin: string): boolean {
    const select = this.#database.prepare(
      'SELECT count(*) AS count, max(key = ?) AS held FROM meta WHERE key >= ? AND key < ?',
    )
    const row = select.get(`fork ${note}`, `fork ${origin}\n`, `fork ${origin}\v`)
    return Number(row?.['held'] ?? 0) === 1 || Number(row?.['count']) >= MAX_FORKS
  }

  /** Keeps that a signed head of a log contradicts the one that is held. */
  raiseFork(note: string, alarm: KeptAlarm): void {
    this.#keep(`fork ${note}`, alarm)
  }

  /** Keeps that a witness refuses the registry's own head. */
  raiseRefusal(witness: string, alarm: KeptAlarm): void {
    this.#keep(`fork-witness ${witness}`, alarm)
  }

  /** The witness has cosigned again. */
  settleRefusal(witness: string): void {
    this.#database.prepare('DELETE FROM meta WHERE key = ?').run(`fork-witness ${witness}`)
    this.#changed()
  }

  #keep(key: string, alarm: KeptAlarm): void {
    const insert = this.#database.prepare('INSERT OR IGNORE INTO meta VALUES (?, ?)')
    insert.run(key, JSON.stringify(alarm))
    this.#changed()
  }

  #changed(): void {
    this.#listed = undefined
    this.#count = undefined
  }
}

/** Of a fork that an earlier version has kept there is the note alone. */
function toAlarm(key: string, value: string): RegistryAlarm {
  if (value.startsWith('{')) return JSON.parse(value) as RegistryAlarm
  const [origin = '', size = ''] = key.slice('fork '.length).split('\n')
  return { kind: 'log', subject: origin, time: null, message: describeFork(origin, size) }
}

/** Says what a contradiction is, in one sentence. */
export function describeFork(origin: string, size: number | string): string {
  return `a signed head of size ${size} of the log ${origin} contradicts the registry`
}
