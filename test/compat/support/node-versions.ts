import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { LIBRARIES } from './recorded-application.ts'

/** The program of a Node that `test/libraries` has, e.g. of `node-22`. */
export function nodeOf(folder: string): string {
  const manifest = createRequire(join(LIBRARIES, folder, 'package.json')).resolve(
    'node/package.json',
  )
  return join(dirname(manifest), 'bin', 'node')
}
