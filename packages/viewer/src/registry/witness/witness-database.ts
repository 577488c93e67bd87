import { DatabaseSync } from 'node:sqlite'
import { ViewerError } from '../../errors.ts'

/** Sizes are text: they are unsigned and have 64 bits. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS heads (origin TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE,
  size TEXT NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
`

/**
 * Opens what a witness has cosigned. A commit is flushed (`synchronous = FULL`).
 *
 * @throws ViewerError `ERR_VIEWER_STORE_UNREADABLE`
 */
export function openWitnessDatabase(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { timeout: 5000 })
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;${SCHEMA}`)
    return database
  } catch (error) {
    // A new one would cosign what the old one has refused: nothing is to be moved away here.
    throw new ViewerError(
      'ERR_VIEWER_STORE_UNREADABLE',
      `the witness's store ${path} cannot be opened: check that its folder may be written; ` +
        'if it is damaged, bring back a backup',
      { cause: error },
    )
  }
}
