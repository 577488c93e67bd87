import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { CHUNK_BITS } from './bitmap.ts'

/** Filters whose values few records share: they are found by an index each. */
export type IdFilterName = 'session' | 'token' | 'trace'

/** Filters that a token gives to records that carry only its fingerprint. */
export type JoinFilterName = 'session' | 'user' | 'client'

/** Finds the ids of the records that hold one value. */
export class IdSources {
  readonly #own: { readonly [Name in IdFilterName]: StatementSync }
  readonly #joined: { readonly [Name in JoinFilterName]: StatementSync }
  readonly #sessionOf: StatementSync

  constructor(database: DatabaseSync) {
    const own = (column: string): StatementSync =>
      database.prepare(
        `SELECT id FROM records WHERE (id - 1) >> ${CHUNK_BITS} = ? AND ${column} = ?`,
      )
    const joined = (column: string): StatementSync =>
      database.prepare(`SELECT id FROM joins WHERE ${column} = ?`)
    this.#own = { session: own('session'), token: own('token'), trace: own('trace') }
    this.#joined = { session: joined('session'), user: joined('user'), client: joined('client') }
    this.#sessionOf = database.prepare(
      `SELECT coalesce(records.session, joins.session) AS session
       FROM records LEFT JOIN joins ON joins.id = records.id WHERE records.id = ?`,
    )
  }

  /** Records of the first `chunks` chunks whose text holds the value. */
  own(name: IdFilterName, value: string, chunks: number): readonly number[] {
    const statement = this.#own[name]
    const ids: number[] = []
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      for (const row of statement.all(chunk, value)) ids.push(Number(row['id']))
    }
    return ids
  }

  /** Records that have the value by their token. */
  joined(name: JoinFilterName, value: string): readonly number[] {
    return this.#joined[name].all(value).map((row) => Number(row['id']))
  }

  /** Session that a record belongs to, by its own text or by its token. */
  sessionOf(id: number): string | null {
    const session = this.#sessionOf.get(id)?.['session']
    return typeof session === 'string' ? session : null
  }
}
