import { DatabaseSync } from 'node:sqlite'
import { ViewerError } from '../errors.ts'

/**
 * Opens the file of a store, with the settings that it is used with.
 *
 * @throws {@link ViewerError} `ERR_VIEWER_STORE_UNREADABLE`.
 */
export function openDatabase(path: string, readOnly: boolean): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { readOnly, timeout: 5000 })
    if (!readOnly) {
      // NORMAL in WAL mode loses no consistency, only the last transactions of a power cut: the
      // journal and the collector's queue are what keeps records, this store can be filled again.
      database.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 8000',
      )
    }
    database.exec('PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY')
    return database
  } catch (error) {
    throw explainStoreFault(path, error)
  }
}

/** Codes of SQLite that speak of the file's place and not of its content: PERM, READONLY, CANTOPEN. */
const PLACE_CODES: ReadonlySet<number> = new Set([3, 8, 14])

/** Says of a store that cannot be opened what is wrong with it, and what to do. */
export function explainStoreFault(path: string, error: unknown): ViewerError {
  if (error instanceof ViewerError) return error
  const { errcode = 0 } = error as { readonly errcode?: number }
  const problem = PLACE_CODES.has(errcode & 0xff)
    ? 'cannot be opened: check that its folder exists and may be written'
    : 'is damaged: move it away, and a new one is made'
  return new ViewerError('ERR_VIEWER_STORE_UNREADABLE', `store ${path} ${problem}`, {
    cause: error,
  })
}
