import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { LIBRARIES } from '../support/recorded-application.ts'

const run = promisify(execFile)

/** Builds the Next.js application, as its users do before they start it. Takes seconds. */
export async function buildNext(): Promise<void> {
  const next = join(LIBRARIES, 'node_modules/next/dist/bin/next')
  await run(process.execPath, [next, 'build'], {
    cwd: join(LIBRARIES, 'next'),
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      FIXTURE_JWKS: '{"keys":[]}',
    },
  })
}
