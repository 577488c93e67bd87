import { dirname } from 'node:path'
import type { Disk } from '../disk/disk.ts'
import { createOnce, makeDirectoryDurably, writeDurably } from '../disk/files.ts'
import { nodeDisk } from '../disk/node-disk.ts'
import { ExporterError, systemErrorCode } from '../errors.ts'

/**
 * Makes a key file that must not exist yet: mode 0600, whole or not at all, and durable when it
 * returns. Sequence: that of `createOnce`.
 *
 * @returns `false` when there is such a file; it is untouched.
 * @throws {ExporterError} `ERR_EXPORTER_KEY_UNREADABLE`
 */
export function createKeyFile(path: string, content: string, disk: Disk = nodeDisk): boolean {
  return attempt(path, () => {
    makeDirectoryDurably(disk, dirname(path))
    return createOnce(disk, path, content)
  })
}

/**
 * Puts a key file in the place of another: mode 0600; after a crash the name has the old content or
 * the new. Sequence: that of `writeDurably`.
 *
 * @throws {ExporterError} `ERR_EXPORTER_KEY_UNREADABLE`
 */
export function replaceKeyFile(path: string, content: string, disk: Disk = nodeDisk): void {
  attempt(path, () => writeDurably(disk, path, content))
}

function attempt<Result>(path: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw new ExporterError(
      'ERR_EXPORTER_KEY_UNREADABLE',
      `The key file ${path} cannot be written (${systemErrorCode(error) ?? 'unknown error'}). ` +
        'Give this process a folder that it may write to.',
      { cause: error },
    )
  }
}
