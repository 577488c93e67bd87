import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { loadExport, openStore, type Store } from '@tokentrail/viewer'
import { CliError } from './errors.ts'
import type { Io } from './io.ts'
import { formatUnreadable } from './output/unreadable.ts'
import { checkPaths } from './paths.ts'
import { dataDirectory } from './pseudonyms.ts'
import { UnreadableParts } from './unreadable-parts.ts'

/** A store to search, and whether everything that was asked for is in it. */
export interface SearchedStore {
  readonly store: Store
  readonly complete: boolean
}

function openViewerStore(io: Io): Store {
  const file = join(dataDirectory(io), 'viewer', 'store.sqlite')
  if (existsSync(file)) return openStore(file, { readOnly: true })
  throw new CliError(
    'ERR_CLI_INPUT',
    `there is no viewer store at ${file}; start the viewer, set TOKENTRAIL_DIR, or name an export`,
  )
}

/** Loads an export, and says what of it could not be. */
async function loadPaths(store: Store, paths: readonly string[], io: Io): Promise<boolean> {
  const parts = new UnreadableParts()
  const loaded = await loadExport(store, paths, { onUnreadable: (part) => parts.add(part) })
  const problems = [...formatUnreadable(parts)]
  if (loaded.unreadable > 0) {
    problems.push(`${loaded.unreadable} records cannot be read and are left out`)
  }
  if (loaded.conflicts > 0) {
    problems.push(
      `${loaded.conflicts} records claim the place of another and are left out; verify the export`,
    )
  }
  if (loaded.stored + loaded.identities === 0) problems.push('the input holds no records')
  for (const problem of problems) io.err(`tokentrail search: ${problem}`)
  return problems.length === 0
}

/**
 * Opens the viewer's store, or an export in memory when paths are named. Tells on standard error
 * what could not be read. The caller closes the store.
 *
 * @throws {CliError} `ERR_CLI_INPUT` when there is no store, `ERR_CLI_USAGE` for an empty path
 * @throws ExporterError or ViewerError when a path or the store cannot be read
 */
export async function openSearched(paths: readonly string[], io: Io): Promise<SearchedStore> {
  if (paths.length === 0) return { store: openViewerStore(io), complete: true }
  const checked = checkPaths(paths)
  const store = openStore(':memory:')
  try {
    return { store, complete: await loadPaths(store, checked, io) }
  } catch (error) {
    store.close()
    throw error
  }
}
