import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../e2e/support/send.ts'
import { expectIdentified, expectNothingForged, expectRefused } from './support/expect-record.ts'
import { createSelfTestFile } from './support/hook-states.ts'
import { CLIENT, SUBJECT } from './support/issuer.ts'
import { type RecordedRun, startApplication } from './support/recorded-application.ts'
import { startTokenServer } from './support/token-server.ts'

const [good, narrow, unknown, failing] = Array.from({ length: 4 }, () =>
  randomBytes(24).toString('base64url'),
) as [string, string, string, string]

const facts = { sub: SUBJECT, client_id: CLIENT, email: 'canary@example.com' }
const TOKENS = {
  [good]: { ...facts, scope: 'orders:read' },
  [narrow]: { ...facts, scope: 'orders:list' },
  [failing]: 503,
}

async function runWith(
  file: string,
  library: string,
): Promise<RecordedRun & { readonly issuer: string }> {
  const server = await startTokenServer(TOKENS)
  const selfTest = createSelfTestFile()
  const secret = 'canary-client-secret'
  const env = { FIXTURE_ISSUER: server.url, FIXTURE_CLIENT_SECRET: secret, ...selfTest.env }
  const application = await startApplication(file, { env })
  try {
    for (const token of [good, narrow, unknown, failing]) {
      await send(application.url, { headers: bearer(token) })
    }
    await send(application.url, {})
    await selfTest.becomes(library, 'live')
    return { ...(await application.stop()), issuer: server.url }
  } finally {
    await application.close()
    await server.close()
    selfTest.remove()
  }
}

describe.each([
  ['oauth4webapi/introspection.mjs', 'oauth4webapi.processIntrospectionResponse', 'introspection'],
  ['openid-client/introspection.mjs', 'openid-client.tokenIntrospection', 'introspection'],
  ['openid-client/required.cjs', 'openid-client.tokenIntrospection', 'introspection'],
  ['openid-client/user-info.mjs', 'openid-client.fetchUserInfo', 'lookup'],
])('%s', (file, hook, method) => {
  let run: RecordedRun & { readonly issuer: string }
  const attributesOf = (index: number): Readonly<Record<string, unknown>> =>
    run.requests[index]?.attributes ?? {}
  beforeAll(async () => {
    run = await runWith(file, hook.split('.', 1)[0] ?? '')
  })

  it('records each request once', () => expect(run.requests).toHaveLength(5))

  it('identifies whose token it is, by what the server says', () => {
    expectIdentified(run, attributesOf(0))
    const observed = run.records.find(({ type }) => type === 'oauth.token.observed')
    expect(observed?.attributes).toMatchObject({
      'oauth.issuer': run.issuer,
      'oauth.token.format': 'opaque',
      'oauth.validation.method': method,
      'tokentrail.capture.hook': hook,
    })
  })

  it('tells that a scope is missing where scopes are known', () => {
    if (method === 'lookup') return expectIdentified(run, attributesOf(1))
    expectRefused(attributesOf(1), 'insufficient_scope')
    expect(attributesOf(1)).toMatchObject({
      'oauth.client.id': CLIENT,
      'oauth.missing_scopes': ['orders:read'],
    })
  })

  it.each([
    [2, 'inactive'],
    [3, 'verifier_unavailable'],
  ])('tells why a token was refused: %i, %s', (index, reason) => {
    expectRefused(attributesOf(index), reason)
    expect(attributesOf(index)).toMatchObject({ 'tokentrail.capture.hook': hook })
    expect(attributesOf(index)).not.toHaveProperty('oauth.client.id')
  })

  it('tells that there was no token', () => expectRefused(attributesOf(4), 'missing'))

  it('keeps tokens, secrets and other claims to itself', () => {
    expectNothingForged(run, [good, narrow, unknown, failing])
    expect(run.texts.join('\n') + run.output).not.toContain('canary')
  })
})
