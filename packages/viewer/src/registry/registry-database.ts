import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { ViewerError } from '../errors.ts'
import { openWriterLock, type WriterLock } from '../store/writer-lock.ts'

/** Layout of the registry's store. A change of it needs a new number. */
const LAYOUT = 1

/**
 * `leaves` is the log; `nodes` are roots of its perfect subtrees of 2^8, 2^16 and 2^24 leaves, so
 * that a proof over ten million leaves reads a few hundred hashes. `logs` and `heads` say by origin
 * what the leaves say: they are written in the transaction of the leaf.
 */
const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE leaves (idx INTEGER PRIMARY KEY, hash BLOB NOT NULL, text TEXT NOT NULL);
CREATE TABLE nodes (level INTEGER NOT NULL, start INTEGER NOT NULL, hash BLOB NOT NULL,
  PRIMARY KEY (level, start)) WITHOUT ROWID;
CREATE TABLE logs (origin TEXT PRIMARY KEY, idx INTEGER NOT NULL, key TEXT NOT NULL)
  WITHOUT ROWID;
CREATE TABLE heads (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,
  seconds INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE witnessed (witness TEXT PRIMARY KEY, size INTEGER NOT NULL, seconds INTEGER NOT NULL)
  WITHOUT ROWID;
`

/** The open store of a registry. */
export interface RegistryDatabase {
  readonly database: DatabaseSync
  close(): void
}

/**
 * Opens the store of a registry for its one writer, and makes it where there is none. A commit is
 * flushed (`synchronous = FULL`): what was answered is there after a power cut.
 *
 * @param path - File of the store, or `:memory:`.
 * @throws {@link ViewerError} `ERR_VIEWER_STORE_BUSY`, `ERR_VIEWER_STORE_UNREADABLE`,
 *   `ERR_VIEWER_STORE_NEWER`
 */
export function openRegistryDatabase(path: string): RegistryDatabase {
  const isFile = path !== ':memory:'
  if (isFile) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const lock: WriterLock | undefined = isFile ? openWriterLock(path) : undefined
  try {
    const database = new DatabaseSync(path, { timeout: 5000 })
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    prepare(database, path)
    return {
      database,
      close: () => {
        database.close()
        lock?.close()
      },
    }
  } catch (error) {
    lock?.close()
    if (error instanceof ViewerError) throw error
    throw new ViewerError(
      'ERR_VIEWER_STORE_UNREADABLE',
      `the registry ${path} cannot be opened: bring back a backup, and let its witnesses judge it`,
      { cause: error },
    )
  }
}

function prepare(database: DatabaseSync, path: string): void {
  const version = Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  if (version === LAYOUT) return
  if (version > LAYOUT) {
    throw new ViewerError(
      'ERR_VIEWER_STORE_NEWER',
      `the registry ${path} has layout ${version}, this version knows ${LAYOUT}: update tokentrail`,
    )
  }
  if (database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined) {
    throw new ViewerError(
      'ERR_VIEWER_STORE_UNREADABLE',
      `${path} is a database of something else: name another path for the registry`,
    )
  }
  database.exec(`BEGIN;${SCHEMA}PRAGMA user_version = ${LAYOUT};COMMIT`)
}
