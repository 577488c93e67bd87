import { DatabaseSync } from 'node:sqlite'

/** Sizes are text: they are unsigned and have 64 bits. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS heads (origin TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE,
  size TEXT NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL) WITHOUT ROWID;
`

/** Opens what a witness has cosigned. A commit is flushed (`synchronous = FULL`). */
export function openWitnessDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path, { timeout: 5000 })
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;${SCHEMA}`)
  return database
}
