import { canonicalize } from '@tokentrail/ledger'
import { explainStoreFault, openDatabase } from './database.ts'
import { prepareSchema } from './schema.ts'

/** Options of {@link eraseFromStore}. */
export interface EraseStoreOptions {
  /** Only counts. Default is `false`. */
  readonly dryRun?: boolean
}

/** What became of a store. */
export interface ErasedStore {
  readonly identities: number
  /**
   * Whether old pages are gone from the write-ahead log too; `false` while a reader holds them:
   * they go when the viewer next ends, or when this is done again.
   */
  readonly isClean: boolean
}

/**
 * Deletes identities from a store and keeps their pseudonyms in a list, so that one that is sent
 * again is not taken in. It may be done beside the viewer that writes the store: SQLite lets one of
 * them write at a time, and nothing of identities is kept in memory. What was deleted is
 * overwritten in the file (`secure_delete`).
 *
 * @throws {@link ViewerError} `ERR_VIEWER_STORE_UNREADABLE`, `ERR_VIEWER_STORE_NEWER`
 */
export function eraseFromStore(
  path: string,
  pseudonyms: Iterable<string>,
  { dryRun = false }: EraseStoreOptions = {},
): ErasedStore {
  const database = openDatabase(path, dryRun)
  try {
    prepareSchema(database, path, dryRun)
    const count = database.prepare('SELECT count(*) AS count FROM identities WHERE pseudonym = ?')
    let identities = 0
    if (dryRun) {
      for (const pseudonym of pseudonyms) identities += Number(count.get(pseudonym)?.['count'])
      return { identities, isClean: true }
    }
    database.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON; BEGIN IMMEDIATE')
    const remove = database.prepare('DELETE FROM identities WHERE pseudonym = ?')
    const keepAway = database.prepare('INSERT OR IGNORE INTO erased VALUES (?)')
    for (const pseudonym of pseudonyms) {
      identities += Number(remove.run(pseudonym).changes)
      keepAway.run(pseudonym)
    }
    database.exec('COMMIT')
    const checkpoint = database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()
    return { identities, isClean: checkpoint?.['busy'] === 0 }
  } catch (error) {
    throw explainStoreFault(path, error)
  } finally {
    database.close()
  }
}

/** A text of a store. */
export interface StoreText {
  readonly kind: 'record' | 'identity'
  /** Canonical text; of an identity what the store has kept of it. */
  readonly text: string
}

/**
 * Reads everything that a store holds: records in the order in which they came, then identities.
 *
 * @throws {@link ViewerError} `ERR_VIEWER_STORE_UNREADABLE`, `ERR_VIEWER_STORE_NEWER`
 */
export function* readStoreTexts(path: string): Generator<StoreText> {
  const database = openDatabase(path, true)
  try {
    prepareSchema(database, path, true)
    for (const { text } of database.prepare('SELECT text FROM records ORDER BY id').iterate()) {
      yield { kind: 'record', text: String(text) }
    }
    const select = 'SELECT kind, pseudonym, issuer, value FROM identities ORDER BY kind, pseudonym'
    for (const row of database.prepare(select).iterate()) {
      yield { kind: 'identity', text: formatIdentity(row) }
    }
  } finally {
    database.close()
  }
}

function formatIdentity(row: Readonly<Record<string, unknown>>): string {
  const attributes = Object.fromEntries(
    ['issuer', 'kind', 'pseudonym', 'value'].map((name) => [
      `tokentrail.identity.${name}`,
      String(row[name]),
    ]),
  )
  return canonicalize({ attributes, type: 'tokentrail.identity', v: 1 })
}
