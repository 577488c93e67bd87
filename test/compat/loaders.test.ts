import { mkdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run as runProgram } from '../e2e/support/run.ts'
import {
  expectIdentified,
  expectNothingForged,
  expectRefused,
  theRecord,
} from './support/expect-record.ts'
import { environmentFor, type Issuer, type Presented, startIssuer } from './support/issuer.ts'
import { nodeOf } from './support/node-versions.ts'
import { present } from './support/present.ts'
import {
  LIBRARIES,
  PRELOAD,
  type RecordedRun,
  startApplication,
} from './support/recorded-application.ts'

const FOLDER = join(LIBRARIES, 'loaders')
const BUNDLES = join(FOLDER, 'dist')
const installed = createRequire(join(FOLDER, 'package.json'))
const PRESENTED: readonly Presented[] = ['good', 'expired', 'bad_signature', 'missing']

/** Bundles an application; what Tokentrail is made of stays outside, as its documentation says. */
async function bundle(): Promise<void> {
  mkdirSync(BUNDLES, { recursive: true })
  const esbuild = join(installed.resolve('esbuild/package.json'), '..', 'bin', 'esbuild')
  const common = ['--bundle', '--platform=node', '--packages=bundle', '--external:@tokentrail/node']
  const commands = [
    [esbuild, 'plain.mjs', ...common, '--format=esm', '--outfile=dist/esbuild-plain.mjs'],
    [esbuild, 'plain.mjs', ...common, '--format=cjs', '--outfile=dist/esbuild-plain.cjs'],
    [esbuild, 'instrumented.mjs', ...common, '--format=esm', '--outfile=dist/esbuild-hooked.mjs'],
    [process.execPath, 'bundle-with-webpack.cjs'],
  ] as const
  for (const [command, ...args] of commands) {
    const { code, stderr, stdout } = await runProgram(command, args, { cwd: FOLDER })
    if (code !== 0) throw new Error(`${command} failed: ${stdout}${stderr}`)
  }
}

let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer()
  await bundle()
})
afterAll(async () => {
  await issuer.close()
  rmSync(BUNDLES, { recursive: true, force: true })
})

interface Start {
  readonly file: string
  readonly flags?: readonly string[]
  readonly node?: string
}

async function record({ file, ...options }: Start): Promise<RecordedRun> {
  const application = await startApplication(`loaders/${file}`, {
    env: environmentFor(issuer),
    ...options,
  })
  try {
    for (const presented of PRESENTED) await present(application.url, issuer, presented)
    return await application.stop()
  } finally {
    await application.close()
  }
}

const TSX = ['--import', PRELOAD, '--import', installed.resolve('tsx')]

describe.each<[string, Start]>([
  ['an ES module', { file: 'plain.mjs' }],
  ['a CommonJS module that requires an ES module', { file: 'plain.cjs' }],
  ['TypeScript whose types Node strips', { file: 'typed.ts' }],
  ['TypeScript through tsx', { file: 'typed.ts', flags: TSX }],
  ['a worker thread', { file: 'worker.mjs' }],
  ['a cluster', { file: 'clustered.mjs' }],
  ['an ES module on Node 22.15', { file: 'plain.mjs', node: nodeOf('node-22') }],
  ['a CommonJS module on Node 22.15', { file: 'plain.cjs', node: nodeOf('node-22') }],
  ['an ES module on Node 26', { file: 'plain.mjs', node: nodeOf('node-26') }],
  ['a CommonJS module on Node 26', { file: 'plain.cjs', node: nodeOf('node-26') }],
  ['a bundle by esbuild with instrumentModule', { file: 'dist/esbuild-hooked.mjs' }],
])('%s', (_, start) => {
  it('is recorded with who made its requests, and why they were refused', async () => {
    const run = await record(start)
    expect(run.requests).toHaveLength(PRESENTED.length)
    expectIdentified(
      run,
      theRecord(run, (record) => record.type === 'oauth.request'),
    )
    for (const reason of PRESENTED.slice(1)) {
      const isThat = (record: RecordedRun['requests'][number]): boolean =>
        record.attributes?.['oauth.rejection.reason'] === reason
      expectRefused(theRecord(run, isThat), reason)
    }
    expectNothingForged(
      run,
      PRESENTED.map((presented) => issuer.tokenOf(presented)),
    )
  })
})

describe.each<[string, Start]>([
  ['an ES module bundled by esbuild', { file: 'dist/esbuild-plain.mjs' }],
  ['a CommonJS module bundled by esbuild', { file: 'dist/esbuild-plain.cjs' }],
  ['a bundle by webpack', { file: 'dist/webpack-plain.cjs' }],
])('%s', (_, start) => {
  it('is recorded by its token and its answers, and names nobody', async () => {
    const run = await record(start)
    expect(run.requests.map(({ type }) => type)).toEqual([
      'oauth.request',
      'oauth.request.rejected',
      'oauth.request.rejected',
      'oauth.request.rejected',
    ])
    for (const { attributes } of run.requests) {
      expect(attributes).not.toHaveProperty('user.hash')
      expect(attributes).not.toHaveProperty('oauth.client.id')
    }
    expect(run.requests[0]?.attributes).toHaveProperty('oauth.token.fingerprint')
    expect(run.requests[1]?.attributes).toMatchObject({ 'oauth.error.code': 'invalid_token' })
    expectNothingForged(
      run,
      PRESENTED.map((presented) => issuer.tokenOf(presented)),
    )
  })
})
