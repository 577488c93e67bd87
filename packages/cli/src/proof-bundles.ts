import { open } from 'node:fs/promises'
import { isProofBundle } from '@tokentrail/ledger'
import { CliError } from './errors.ts'
import { readNamedFile } from './named-file.ts'

/** Enough to see how a bundle begins. */
const BEGINNING_BYTES = 64

/** A file that holds a proof bundle. */
export interface BundleFile {
  readonly path: string
  readonly text: string
}

/**
 * Reads the proof bundles among paths: all of them are bundles, or none is, and then there are
 * none.
 *
 * @throws {CliError} `ERR_CLI_USAGE` when bundles and exports are mixed
 */
export async function readBundles(paths: readonly string[]): Promise<readonly BundleFile[]> {
  const found = await Promise.all(paths.map(isBundleFile))
  if (!found.includes(true)) return []
  if (found.includes(false)) {
    throw new CliError('ERR_CLI_USAGE', 'name either proof bundles or exports, not both')
  }
  return paths.map((path) => ({ path, text: readNamedFile('the bundle', path, 'ERR_CLI_INPUT') }))
}

/** A folder, or what cannot be opened, is none; whoever reads it as an export says why. */
async function isBundleFile(path: string): Promise<boolean> {
  try {
    const file = await open(path)
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(BEGINNING_BYTES))
      return isProofBundle(buffer.toString('utf8', 0, bytesRead))
    } finally {
      await file.close()
    }
  } catch {
    return false
  }
}
