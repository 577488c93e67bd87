import { DatabaseSync } from 'node:sqlite'
import { ViewerError } from '../errors.ts'

/** Held while a process writes a store. */
export interface WriterLock {
  close(): void
}

/**
 * Makes this process the one writer of a store. The lock is an exclusive transaction on a side file
 * (`<path>-writer`): SQLite holds it by an operating-system lock, so it dies with the process, and
 * readers of the store itself are not locked out.
 *
 * @throws {@link ViewerError} `ERR_VIEWER_STORE_BUSY` when another writer holds it.
 */
export function openWriterLock(path: string): WriterLock {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(`${path}-writer`, { timeout: 0 })
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database?.close()
    if (isBusy(error)) {
      throw new ViewerError(
        'ERR_VIEWER_STORE_BUSY',
        `another viewer writes the store ${path}: stop it, or name another store`,
      )
    }
    throw new ViewerError(
      'ERR_VIEWER_STORE_UNREADABLE',
      `store ${path} cannot be opened: check that its folder exists and may be written`,
      { cause: error },
    )
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === 5
}
