import type { DatabaseSync } from 'node:sqlite'

/** Held as long as the process lives, or until it is released. */
export interface Lock {
  release(): void
}

/**
 * Takes the exclusive lock of a log, without waiting. It is the lock of the operating system on an
 * empty SQLite file, which SQLite takes on every platform and which dies with the process, unlike a
 * file with a process id in it: two containers on one volume do not see each other's processes.
 *
 * No other code may open this file: closing any descriptor of it would release a POSIX lock.
 *
 * BUG: not on network file systems whose locks are local to the machine (NFS `nolock`).
 *
 * @returns `undefined` when another holder is alive.
 */
export function tryLock(path: string): Lock | undefined {
  const { DatabaseSync } = loadSqlite()
  const database = new DatabaseSync(path)
  try {
    database.exec('PRAGMA busy_timeout = 0; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isBusy(error)) return undefined
    throw error
  }
  return { release: () => release(database) }
}

function release(database: DatabaseSync): void {
  if (database.isOpen) database.close()
}

function isBusy(error: unknown): boolean {
  const SQLITE_BUSY = 5
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY
}

/**
 * `node:sqlite` warns on the application's stderr when it is first loaded (Node 22 and 24), which
 * is the application's stream and not ours. Loading is synchronous, so nobody else's warning is
 * lost.
 */
function loadSqlite(): typeof import('node:sqlite') {
  const emitWarning: unknown = Reflect.get(process, 'emitWarning')
  process.emitWarning = () => undefined
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    Reflect.set(process, 'emitWarning', emitWarning)
  }
}
