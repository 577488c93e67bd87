import { dirname } from 'node:path'
import { createOnce, makeDirectoryDurably } from './files.ts'
import { nodeDisk } from './node-disk.ts'

/**
 * Makes a file that must not exist yet, and its folders: mode 0600, whole or not at all, and
 * durable when it returns. Sequence: that of `createOnce`.
 *
 * @returns `false` when there is such a file; it is untouched.
 * @throws Error of the system.
 */
export function createFileOnce(path: string, content: string): boolean {
  makeDirectoryDurably(nodeDisk, dirname(path))
  return createOnce(nodeDisk, path, content)
}
