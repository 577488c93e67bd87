import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { ExporterError, systemErrorCode } from '../errors.ts'
import type { ExporterSettings } from '../options.ts'
import { nodeDisk } from './node-disk.ts'

/** In this order: memory, then whatever the system calls temporary. */
const FALLBACKS: readonly string[] = ['/dev/shm', tmpdir()]

/** Settings whose folder can be written. */
export interface UsableSettings {
  readonly settings: ExporterSettings
  /** One sentence for the operator, when it is not the folder that was asked for. */
  readonly warning?: string
}

/**
 * Looks whether the folder can be written. Where the root file system is read-only, or the folder
 * is otherwise unusable, another one takes its place: in memory, of the same name for the same user
 * and folder. There records survive the process and reach the next one, not the container; the
 * warning says so. Keys that are in the folder stay where they are.
 *
 * A folder in a place that everybody may write to is used only when it is this user's, no link, and
 * nobody else can enter it.
 *
 * @param fallbacks - Parents to try. Default is `/dev/shm`, then the system's temporary folder.
 * @throws {ExporterError} `ERR_EXPORTER_DIRECTORY_UNUSABLE` when there is none.
 */
export function useWritableFolder(
  settings: ExporterSettings,
  fallbacks: readonly string[] = FALLBACKS,
): UsableSettings {
  const code = probe(settings.directory)
  // What dead logs have kept in reserve may be room enough: opening the log tells.
  const isUsable = code === undefined || code === 'ENOSPC' || code === 'EDQUOT'
  return isUsable ? { settings } : useMemoryFolder(settings, code, fallbacks)
}

/**
 * Takes another folder in any case; see {@link useWritableFolder}.
 *
 * @param code - Why the one that was asked for is not used, for the warning.
 * @throws {ExporterError} `ERR_EXPORTER_DIRECTORY_UNUSABLE` when there is none.
 */
export function useMemoryFolder(
  settings: ExporterSettings,
  code: string,
  fallbacks: readonly string[] = FALLBACKS,
): UsableSettings {
  const { directory } = settings
  const id = createHash('sha256').update(resolve(directory)).digest('hex').slice(0, 12)
  const name = `tokentrail-${process.getuid?.() ?? 0}-${id}`
  const fallback = fallbacks
    .map((parent) => join(parent, name))
    .find((path) => isOwn(path) && probe(path) === undefined)
  if (fallback !== undefined) {
    return { settings: moveTo(fallback, settings), warning: describe(directory, code, fallback) }
  }
  throw new ExporterError(
    'ERR_EXPORTER_DIRECTORY_UNUSABLE',
    `Nothing can be kept in ${directory} (${code}), nor in memory. Give this process a writable ` +
      'local folder by TOKENTRAIL_DIR.',
  )
}

function describe(directory: string, code: string, fallback: string): string {
  return (
    `${directory} cannot be written (${code}). RECORDS ARE KEPT IN MEMORY, in ${fallback}: they ` +
    'survive this process, not its container or machine. Mount a volume and name it by ' +
    'TOKENTRAIL_DIR.'
  )
}

function moveTo(directory: string, settings: ExporterSettings): ExporterSettings {
  const own = join(settings.directory, 'keys')
  const move = (path: string) =>
    dirname(path) === own && !fs.existsSync(path) ? join(directory, 'keys', basename(path)) : path
  return {
    ...settings,
    directory,
    signingKeyFile: move(settings.signingKeyFile),
    pseudonymKeyFile: move(settings.pseudonymKeyFile),
    rootKeyFile: move(settings.rootKeyFile),
  }
}

/** Returns why nothing can be made in a folder, or `undefined` when something can. */
function probe(directory: string): string | undefined {
  const path = join(directory, `.probe-${process.pid}`)
  try {
    nodeDisk.makeDirectory(directory)
    fs.writeFileSync(path, 'x', { flag: 'wx', mode: 0o600 })
    fs.unlinkSync(path)
    return undefined
  } catch (error) {
    return systemErrorCode(error) ?? 'unknown error'
  }
}

/** Makes the folder, unless it is there; and looks whose it is. */
function isOwn(path: string): boolean {
  try {
    try {
      fs.mkdirSync(path, { mode: 0o700 })
    } catch (error) {
      if (systemErrorCode(error) !== 'EEXIST') throw error
    }
    const found = fs.lstatSync(path)
    const isMine = process.getuid === undefined || found.uid === process.getuid()
    return found.isDirectory() && isMine && (found.mode & 0o077) === 0
  } catch {
    return false
  }
}
