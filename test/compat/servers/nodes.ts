import { nodeOf } from '../support/node-versions.ts'

/** Every Node that is supported, by the first number of its version. */
export const NODES: readonly (readonly [string, string])[] = [
  ['22', nodeOf('node-22')],
  ['24', process.execPath],
  ['26', nodeOf('node-26')],
]
