import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { IdentityFacts } from './record-facts.ts'

/**
 * Clear values behind pseudonyms. The first value of a pseudonym stands, unless one comes that is
 * known to be bound to it: an identity record is a claim, and anybody who reaches the receiver can
 * make one.
 */
export class IdentityTable {
  readonly #database: DatabaseSync
  #insert: StatementSync | undefined
  readonly #selectValue: StatementSync
  readonly #selectPseudonyms: StatementSync
  readonly #selectIssuers: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#selectValue = database.prepare(
      'SELECT value FROM identities WHERE kind = ? AND pseudonym = ?',
    )
    this.#selectPseudonyms = database.prepare(
      'SELECT pseudonym FROM identities WHERE kind = ? AND value = ?',
    )
    this.#selectIssuers = database.prepare(
      `SELECT DISTINCT issuer FROM identities WHERE kind = 'sub'
       UNION SELECT DISTINCT issuer FROM tokens WHERE issuer IS NOT NULL`,
    )
  }

  /**
   * Keeps an identity; returns whether it changed anything. One that was erased stays away.
   *
   * @param bound - Whether the pseudonym was recomputed from the value.
   */
  add(identity: IdentityFacts, bound: boolean): boolean {
    const { kind, pseudonym, issuer, value } = identity
    this.#insert ??= this.#prepareInsert()
    return this.#insert.run(kind, pseudonym, issuer, value, bound ? 1 : 0, pseudonym).changes !== 0
  }

  /** Not before it is needed: a store that is only read may lack the table of erased ones. */
  #prepareInsert(): StatementSync {
    return this.#database.prepare(
      `INSERT INTO identities SELECT ?, ?, ?, ?, ?
       WHERE NOT EXISTS (SELECT 1 FROM erased WHERE pseudonym = ?)
       ON CONFLICT (kind, pseudonym) DO UPDATE SET
       issuer = excluded.issuer, value = excluded.value, bound = 1
       WHERE excluded.bound = 1 AND bound = 0`,
    )
  }

  /** Clear value of a pseudonym, `null` when no identity record is at hand. */
  valueOf(kind: string, pseudonym: string): string | null {
    const value = this.#selectValue.get(kind, pseudonym)?.['value']
    return typeof value === 'string' ? value : null
  }

  /** Pseudonyms that are known to stand for a clear value. */
  pseudonymsOf(kind: string, value: string): readonly string[] {
    return this.#selectPseudonyms.all(kind, value).map((row) => String(row['pseudonym']))
  }

  /** Issuers that were seen in identities and tokens. */
  issuers(): readonly string[] {
    return this.#selectIssuers.all().map((row) => String(row['issuer']))
  }
}
