import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { createFileOnce } from '@tokentrail/exporter'
import { CliError, type CliErrorCode } from './errors.ts'

/** What to do about a fault of the system. */
const REMEDIES: Readonly<Record<string, string>> = {
  EACCES: 'Give this user access to it.',
  EDQUOT: 'Make room, or name another place.',
  EEXIST: 'It is there already; name another file.',
  EISDIR: 'Name a file, not a folder.',
  ENOENT: 'Name one that exists.',
  ENOSPC: 'Make room, or name another place.',
  ENOTDIR: 'A part of the path is no folder; name another one.',
  EPERM: 'Give this user access to it.',
  EROFS: 'Name a place that can be written.',
}

/**
 * Says why a file cannot be used: who names it, its path, the reason, and the remedy.
 *
 * @param by - What names it: a flag (`--root`), a member of a configuration, an argument.
 * @param what - What was tried: `read`, `written`, `made`.
 */
export function explainFileFault(
  by: string,
  path: string,
  what: string,
  error: unknown,
  code: CliErrorCode = 'ERR_CLI_INPUT',
): CliError {
  const { code: reason = 'unknown error' } = error as NodeJS.ErrnoException
  const remedy = REMEDIES[reason] ?? 'Name another one.'
  return new CliError(code, `${by} ${path} cannot be ${what} (${reason}). ${remedy}`)
}

/**
 * Reads a text file.
 *
 * @param code - Default is `ERR_CLI_USAGE`, as befits what the command line names.
 * @throws {CliError} Of that code, naming all of it but the content.
 */
export function readNamedFile(
  by: string,
  path: string,
  code: CliErrorCode = 'ERR_CLI_USAGE',
): string {
  checkNamed(by, path)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw explainFileFault(by, path, 'read', error, code)
  }
}

/**
 * Checks that files or folders can be opened, for whoever reads them by other means.
 *
 * @throws {CliError} `ERR_CLI_USAGE`
 */
export function checkReadable(by: string, paths: readonly string[]): readonly string[] {
  for (const path of paths) {
    checkNamed(by, path)
    try {
      accessSync(path, constants.R_OK)
    } catch (error) {
      throw explainFileFault(by, path, 'read', error, 'ERR_CLI_USAGE')
    }
  }
  return paths
}

/**
 * Checks, before a command does what cannot be undone or takes long, that a file is not there yet
 * and can be made.
 *
 * @throws {CliError} `ERR_CLI_INPUT`; `ERR_CLI_USAGE` for an empty path
 */
export function checkNewFile(by: string, path: string): void {
  checkNamed(by, path)
  try {
    if (isThere(path)) throw Object.assign(new Error('exists'), { code: 'EEXIST' })
    let folder = dirname(resolve(path))
    while (!isThere(folder)) folder = dirname(folder)
    // The dot: what is no folder may be writable too.
    accessSync(`${folder}/.`, constants.W_OK)
  } catch (error) {
    throw explainFileFault(by, path, 'written', error)
  }
}

/**
 * Makes a file that must not be there yet, with its folders, whole or not at all, readable by its
 * owner alone, and durable when it returns.
 *
 * @throws {CliError} `ERR_CLI_INPUT`; `ERR_CLI_USAGE` for an empty path
 */
export function createNamedFile(by: string, path: string, text: string): void {
  checkNamed(by, path)
  try {
    if (createFileOnce(path, text)) return
  } catch (error) {
    throw explainFileFault(by, path, 'written', error)
  }
  throw explainFileFault(by, path, 'written', { code: 'EEXIST' })
}

/**
 * Makes a folder and its parents, where they are not there.
 *
 * @throws {CliError} `ERR_CLI_INPUT`; `ERR_CLI_USAGE` for an empty path
 */
export function makeNamedFolder(by: string, path: string): void {
  checkNamed(by, path)
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw explainFileFault(by, path, 'made', error)
  }
}

function checkNamed(by: string, path: string): void {
  if (path === '') throw new CliError('ERR_CLI_USAGE', `${by} is empty; name a file or folder`)
}

function isThere(path: string): boolean {
  try {
    accessSync(path)
    return true
  } catch {
    return false
  }
}
