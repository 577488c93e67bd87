import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectIdentified, expectNothingForged } from './support/expect-record.ts'
import type { HookState } from './support/hook-states.ts'
import { environmentFor, type Issuer, startIssuer } from './support/issuer.ts'
import { present } from './support/present.ts'
import { type RecordedRun, startApplication } from './support/recorded-application.ts'

const RECORDING = import.meta.resolve('../../packages/node/dist/index.js')
/** What makes `import` visible, without any recording: the loader hook of OpenTelemetry. */
const LOADER_HOOK = import.meta.resolve('../../packages/instrumentation/dist/loader-hooks.js')

let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

async function run(
  file: string,
  paths: readonly string[],
  flags: readonly string[] = [],
): Promise<RecordedRun> {
  const env = { ...environmentFor(issuer), FIXTURE_RECORDING: RECORDING }
  const application = await startApplication(file, { env, flags })
  try {
    for (const path of paths) {
      await present(application.url, issuer, 'good', path)
      await present(application.url, issuer, 'expired', path)
    }
    return await application.stop()
  } finally {
    await application.close()
  }
}

function stateOf(run: RecordedRun, library: string, line = 'self-test'): HookState | undefined {
  const found = new RegExp(`^${line} (.+)$`, 'm').exec(run.output)?.[1] ?? '[]'
  return (JSON.parse(found) as HookState[]).find(({ name }) => name === library)
}

describe('an ES module that starts to record by itself', () => {
  it('is told that its libraries cannot be seen, and recorded without who it was', async () => {
    const recorded = await run('jose-6/late.mjs', ['/v1/orders/7'])
    expect(stateOf(recorded, 'jose')).toMatchObject({
      state: 'inactive',
      reason: expect.stringContaining('--import @tokentrail/node/register') as string,
    })
    expect(recorded.requests.map(({ type }) => type)).toEqual([
      'oauth.request',
      'oauth.request.rejected',
    ])
    expect(recorded.requests[0]?.attributes).not.toHaveProperty('oauth.client.id')
    expect(recorded.requests[1]?.attributes).toMatchObject({
      'oauth.error.code': 'invalid_token',
      'oauth.rejection.reason': 'unknown',
    })
  })

  it('is recorded whole when somebody made its imports visible before', async () => {
    const register = `data:text/javascript,import { registerLoaderHooks as register } from ${JSON.stringify(LOADER_HOOK)}; await register()`
    const recorded = await run('jose-6/late.mjs', ['/v1/orders/7'], ['--import', register])
    expect(stateOf(recorded, 'jose')).toEqual({
      name: 'jose',
      state: 'live',
      versions: ['6.2.18'],
    })
    expectIdentified(recorded, recorded.requests[0]?.attributes ?? {})
    expect(recorded.requests[1]?.attributes).toMatchObject({ 'oauth.rejection.reason': 'expired' })
    expectNothingForged(recorded, [issuer.tokenOf('good'), issuer.tokenOf('expired')])
  })
})

describe('a CommonJS application that starts to record by itself', () => {
  let recorded: RecordedRun
  beforeAll(async () => {
    recorded = await run('jsonwebtoken/late.cjs', ['/v1/orders/7', '/later/orders/7'])
  })

  it('is told that it loaded a library too early', () => {
    expect(stateOf(recorded, 'jsonwebtoken')).toMatchObject({
      state: 'inactive',
      reason: expect.stringContaining('loaded before the instrumentation') as string,
    })
  })

  it('is told so still when a later part of it is seen', () => {
    expect(stateOf(recorded, 'jsonwebtoken', 'then')).toMatchObject({
      state: 'live',
      reason: expect.stringContaining('loaded before the instrumentation') as string,
    })
  })

  it('is recorded without who it was where it kept the function from before', () => {
    expect(recorded.requests).toHaveLength(4)
    expect(recorded.requests[0]?.attributes).not.toHaveProperty('oauth.client.id')
    expect(recorded.requests[1]?.attributes).toMatchObject({ 'oauth.rejection.reason': 'unknown' })
  })

  it('is recorded whole where it loads the library later', () => {
    expectIdentified(recorded, recorded.requests[2]?.attributes ?? {})
    expect(recorded.requests[3]?.attributes).toMatchObject({ 'oauth.rejection.reason': 'expired' })
  })
})
