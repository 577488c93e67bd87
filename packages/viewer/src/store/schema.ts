import type { DatabaseSync } from 'node:sqlite'
import { ViewerError } from '../errors.ts'
import { CHUNK_BITS } from './bitmap.ts'

/** Layout of the store. A change of it needs a new number. */
const STORE_VERSION = 2

/** Pseudonyms whose identities were erased: a re-sent one must not bring them back. */
const ERASED = 'CREATE TABLE erased (pseudonym TEXT PRIMARY KEY) WITHOUT ROWID;'

/**
 * `records` keeps the canonical text and only those columns that are looked up one by one. What is
 * shared by many records (user, client, status, scope …) is a term with postings per chunk: a
 * B-tree per column would have to walk the larger half of two common filters, while postings are
 * combined 32 records at a time, whatever the filters are. `joins` holds what a token that was seen
 * verified gives to records that carry only its fingerprint.
 *
 * Indexes over random values (session, token, trace) begin with the chunk, so that an insert
 * touches the pages of the last chunk and not one page in the whole index for each record: a search
 * seeks once per chunk instead, a few microseconds each.
 */
const SCHEMA = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE logs (
  id INTEGER PRIMARY KEY, origin TEXT NOT NULL UNIQUE, service TEXT NOT NULL, slot TEXT NOT NULL,
  records INTEGER NOT NULL DEFAULT 0, opened_at INTEGER, last_record_at INTEGER,
  followed TEXT);
CREATE TABLE records (
  id INTEGER PRIMARY KEY, log INTEGER NOT NULL, idx INTEGER NOT NULL, time INTEGER NOT NULL,
  session TEXT, token TEXT, trace TEXT, leaf BLOB NOT NULL, text TEXT NOT NULL);
CREATE UNIQUE INDEX records_by_index ON records (log, idx);
CREATE INDEX records_by_session ON records ((id - 1) >> ${CHUNK_BITS}, session)
  WHERE session IS NOT NULL;
CREATE INDEX records_by_token ON records ((id - 1) >> ${CHUNK_BITS}, token)
  WHERE token IS NOT NULL;
CREATE INDEX records_by_trace ON records ((id - 1) >> ${CHUNK_BITS}, trace)
  WHERE trace IS NOT NULL;
CREATE INDEX records_unattributed ON records (token) WHERE session IS NULL AND token IS NOT NULL;
CREATE TABLE joins (id INTEGER PRIMARY KEY, session TEXT, user TEXT, client TEXT);
CREATE INDEX joins_by_session ON joins (session) WHERE session IS NOT NULL;
CREATE INDEX joins_by_user ON joins (user) WHERE user IS NOT NULL;
CREATE INDEX joins_by_client ON joins (client) WHERE client IS NOT NULL;
CREATE TABLE terms (id INTEGER PRIMARY KEY, term TEXT NOT NULL UNIQUE);
CREATE TABLE postings (
  chunk INTEGER NOT NULL, term INTEGER NOT NULL, offsets BLOB NOT NULL,
  PRIMARY KEY (chunk, term)) WITHOUT ROWID;
CREATE TABLE chunks (
  chunk INTEGER PRIMARY KEY, min_time INTEGER NOT NULL, max_time INTEGER NOT NULL,
  times BLOB NOT NULL);
CREATE TABLE conflicts (
  log INTEGER NOT NULL, idx INTEGER NOT NULL, leaf BLOB NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (log, idx, leaf)) WITHOUT ROWID;
CREATE TABLE blocks (
  log INTEGER NOT NULL, block INTEGER NOT NULL, root BLOB NOT NULL,
  PRIMARY KEY (log, block)) WITHOUT ROWID;
CREATE TABLE identities (
  kind TEXT NOT NULL, pseudonym TEXT NOT NULL, issuer TEXT NOT NULL, value TEXT NOT NULL,
  bound INTEGER NOT NULL, PRIMARY KEY (kind, pseudonym)) WITHOUT ROWID;
CREATE INDEX identities_by_value ON identities (kind, value);
CREATE TABLE tokens (
  fingerprint TEXT PRIMARY KEY, session TEXT, user TEXT, client TEXT, issuer TEXT,
  first_seen INTEGER NOT NULL, facts TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX tokens_by_session ON tokens (session);
CREATE INDEX tokens_by_issuer ON tokens (issuer);
CREATE TABLE sessions (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, last_seen INTEGER NOT NULL,
  active INTEGER NOT NULL, summary TEXT NOT NULL);
CREATE INDEX sessions_by_last_seen ON sessions (last_seen, id);
CREATE INDEX sessions_by_activity ON sessions (active, last_seen, id);
${ERASED}
`

/** What makes the layout before a number that of the number. */
const MIGRATIONS: { readonly [version: number]: string } = { 2: ERASED }

/**
 * Makes the tables in an empty database, or brings those of an older version to this one's layout.
 * A store that is opened for reading alone keeps the layout it has.
 *
 * @throws {@link ViewerError} `ERR_VIEWER_STORE_NEWER`, `ERR_VIEWER_STORE_UNREADABLE`.
 */
export function prepareSchema(database: DatabaseSync, path: string, readOnly = false): void {
  const version = readVersion(database, path)
  if (version === STORE_VERSION) return
  if (version > STORE_VERSION) {
    throw new ViewerError(
      'ERR_VIEWER_STORE_NEWER',
      `store ${path} has layout ${version}, this version knows ${STORE_VERSION}: ` +
        'update tokentrail, or name another store',
    )
  }
  if (version > 0) {
    if (!readOnly) migrate(database, version)
    return
  }
  if (database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined) {
    throw new ViewerError(
      'ERR_VIEWER_STORE_UNREADABLE',
      `${path} is a database of something else: name another path for the store`,
    )
  }
  database.exec(`BEGIN;${SCHEMA}PRAGMA user_version = ${STORE_VERSION};COMMIT`)
}

function migrate(database: DatabaseSync, from: number): void {
  for (let version = from + 1; version <= STORE_VERSION; version += 1) {
    database.exec(`BEGIN;${MIGRATIONS[version]}PRAGMA user_version = ${version};COMMIT`)
  }
}

function readVersion(database: DatabaseSync, path: string): number {
  try {
    return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
  } catch (error) {
    throw new ViewerError(
      'ERR_VIEWER_STORE_UNREADABLE',
      `${path} is no store: move it away, and a new one is made from what is sent again`,
      { cause: error },
    )
  }
}
