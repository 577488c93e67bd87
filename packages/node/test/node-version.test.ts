import { expect, it } from 'vitest'
import { checkNodeVersion } from '../src/node-version.ts'

it.each(['22.15.0', '22.21.1', '23.0.0', '24.21.0', '100.0.0', process.versions.node])(
  'Node.js %s is new enough',
  (version) => {
    expect(() => checkNodeVersion(version)).not.toThrow()
  },
)

it.each(['18.20.0', '20.20.2', '21.9.0', '22.14.9', '2.99.0'])(
  'Node.js %s is refused by its version',
  (version) => {
    expect(() => checkNodeVersion(version)).toThrow(
      expect.objectContaining({
        code: 'ERR_NODE_VERSION_UNSUPPORTED',
        message: `Node.js ${version} is too old. Run the application on 22.15 or newer.`,
      }),
    )
  },
)
