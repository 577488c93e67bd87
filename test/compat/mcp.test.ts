import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../e2e/support/send.ts'
import { describeApplication } from './support/describe-application.ts'
import { expectNothingForged, expectRefused } from './support/expect-record.ts'
import { AUDIENCE, CLIENT } from './support/issuer.ts'
import { type RecordedRun, startApplication } from './support/recorded-application.ts'

const V1 = 'mcp-sdk.requireBearerAuth'
const V2 = 'mcp-server.verifyBearerToken'

for (const [folder, library, hook] of [
  ['mcp-1', 'mcp-sdk', V1],
  ['mcp-2', 'mcp-server', V2],
] as const) {
  describeApplication(`${folder}/over-jose.mjs`, {
    library,
    hook: 'jose.jwtVerify',
    hooks: { missing: hook, insufficient_scope: hook },
  })
}

describe.each([
  ['mcp-1', V1],
  ['mcp-2', V2],
])('opaque tokens with the MCP SDK in %s', (folder, hook) => {
  const expiresAt = Math.floor(Date.now() / 1_000) + 300
  const known = { clientId: CLIENT, scopes: ['orders:read'], expiresAt, resource: AUDIENCE }
  const email = 'canary@example.com'
  const cases: readonly (readonly [string | undefined, object | undefined])[] = [
    [undefined, { ...known, extra: { sub: 'alice', email } }],
    ['insufficient_scope', { ...known, scopes: ['orders:list'] }],
    ['expired', { ...known, expiresAt: expiresAt - 600 }],
    ['wrong_claim', { ...known, expiresAt: undefined }],
    ['wrong_audience', { ...known, resource: 'https://other.example.com' }],
    ['verifier_unavailable', { broken: true }],
    ['inactive', undefined],
  ]
  const tokens = cases.map(() => randomBytes(24).toString('base64url'))
  let run: RecordedRun
  const attributesOf = (index: number): Readonly<Record<string, unknown>> =>
    run.requests[index]?.attributes ?? {}

  beforeAll(async () => {
    const entries = cases.map(([, entry], index) => [tokens[index], entry] as const)
    const application = await startApplication(`${folder}/opaque.cjs`, {
      env: {
        FIXTURE_AUDIENCE: AUDIENCE,
        FIXTURE_TOKENS: JSON.stringify(Object.fromEntries(entries)),
      },
    })
    try {
      const path = '/v1/orders/7'
      for (const token of tokens) await send(application.url, { headers: bearer(token), path })
      await send(application.url, { path })
      await send(application.url, { headers: { authorization: 'Basic YTpi' }, path })
      run = await application.stop()
    } finally {
      await application.close()
    }
  })

  it('are known by what the application’s verifier says of them', () => {
    expect(run.requests).toHaveLength(tokens.length + 2)
    expect(attributesOf(0)).toMatchObject({
      'oauth.decision': 'allow',
      'oauth.client.id': CLIENT,
      'oauth.token.scopes': ['orders:read'],
    })
    expect(attributesOf(0)).toHaveProperty('user.hash')
    const observed = run.records.find(({ type }) => type === 'oauth.token.observed')
    expect(observed?.attributes).toMatchObject({
      'oauth.validation.method': 'lookup',
      'oauth.token.format': 'opaque',
      'tokentrail.capture.hook': hook,
    })
  })

  it.each([
    ...cases.map(([reason], index) => [index, reason ?? ''] as const).slice(1),
    [cases.length, 'missing'] as const,
    [cases.length + 1, 'malformed'] as const,
  ])('tell why they were refused: %i, %s', (index, reason) => {
    expectRefused(attributesOf(index), reason)
    expect(attributesOf(index)['tokentrail.capture.hook']).toBe(hook)
    expect(attributesOf(index)).not.toHaveProperty('oauth.client.id')
  })

  it('name the scopes that are demanded', () => {
    expect(attributesOf(1)).toMatchObject({ 'oauth.required_scopes': ['orders:read'] })
  })

  it('bring nothing else of the application into a record', () => {
    expectNothingForged(run, [...tokens, email])
  })
})
