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
    throw new ViewerError(
      'ERR_VIEWER_STORE_UNREADABLE',
      `store ${path} cannot be opened: check that its folder exists and may be written`,
      { cause: error },
    )
  }
}
