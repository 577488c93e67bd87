import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../e2e/support/send.ts'
import { describeApplication } from './support/describe-application.ts'
import { expectNothingForged, expectRefused } from './support/expect-record.ts'
import { CLIENT, environmentFor, startIssuer } from './support/issuer.ts'
import { type RecordedRun, startApplication } from './support/recorded-application.ts'

type Attributes = Readonly<Record<string, unknown>>

const STRATEGY = 'passport-jwt.Strategy.prototype.authenticate'
const BEARER = 'passport-http-bearer.Strategy.prototype.authenticate'

describeApplication('passport/jwt.mjs', {
  library: 'passport-jwt',
  hook: 'jsonwebtoken.verify',
  // Its 401 has no challenge, so the strategy alone tells.
  hooks: { missing: STRATEGY },
  reasons: { key_not_found: 'bad_signature' },
})
describeApplication('passport/jwt.cjs', {
  library: 'passport-jwt',
  hook: 'jsonwebtoken.verify',
  hooks: { missing: STRATEGY },
  // Its 403 names no OAuth error.
  reasons: { insufficient_scope: 'policy_denied' },
})
describeApplication('passport/bearer-over-jose.mjs', {
  library: 'passport-http-bearer',
  hook: 'jose.jwtVerify',
  hooks: { missing: BEARER },
})

it('records want of a token where the application looks for one', async () => {
  const issuer = await startIssuer()
  const application = await startApplication('passport/jwt.mjs', { env: environmentFor(issuer) })
  try {
    const authorization = `DPoP ${issuer.tokenOf('good')}`
    await send(application.url, { path: PATH, headers: { authorization } })
    const records = attributesOf(await application.stop())
    expect(records).toHaveLength(1)
    expectRefused(records[0] ?? {}, 'missing')
    expect(records[0]).toHaveProperty(['oauth.token.fingerprint'])
  } finally {
    await application.close()
    await issuer.close()
  }
})

it('records want of a token before anybody has presented one', async () => {
  const issuer = await startIssuer()
  const application = await startApplication('passport/jwt.mjs', { env: environmentFor(issuer) })
  try {
    await send(application.url, { path: PATH })
    const records = attributesOf(await application.stop())
    expect(records).toHaveLength(1)
    expectRefused(records[0] ?? {}, 'missing')
  } finally {
    await application.close()
    await issuer.close()
  }
})

describe('an application that decides over users itself, with passport-jwt', () => {
  let records: readonly Attributes[] = []

  beforeAll(async () => {
    const issuer = await startIssuer()
    const application = await startApplication('passport/jwt.mjs', { env: environmentFor(issuer) })
    try {
      for (const sub of ['disabled', 'broken']) {
        await send(application.url, { headers: bearer(await issuer.sign({ sub })), path: PATH })
      }
      records = attributesOf(await application.stop())
    } finally {
      await application.close()
      await issuer.close()
    }
  })

  it('refuses a good token by its own policy', () => {
    expectRefused(records[0] ?? {}, 'policy_denied')
    expect(records[0]).toMatchObject({
      'tokentrail.capture.hook': STRATEGY,
      'oauth.client.id': CLIENT,
    })
  })

  it('refuses nobody by a fault of its own', () => {
    expect(records[1]).toMatchObject({
      'oauth.decision': 'allow',
      'http.response.status_code': 500,
      'oauth.client.id': CLIENT,
    })
  })
})

describe('opaque tokens with passport-http-bearer', () => {
  const [good, narrow, broken, unknown] = Array.from({ length: 4 }, () =>
    randomBytes(24).toString('base64url'),
  ) as [string, string, string, string]
  const tokens = {
    [good]: entry('alice', ['orders:read', 'orders:write']),
    [narrow]: entry('alice', 'orders:list'),
    [broken]: entry('broken', ''),
  }
  let run: RecordedRun
  let records: readonly Attributes[] = []

  function entry(user: string, scope: unknown): object {
    return { user, scope, client: 'shop', email: 'alice@canary.example.com' }
  }

  beforeAll(async () => {
    const env = { FIXTURE_TOKENS: JSON.stringify(tokens) }
    const application = await startApplication('passport/bearer.mjs', { env })
    try {
      for (const token of [good, narrow, broken, unknown]) {
        await send(application.url, { headers: bearer(token), path: PATH })
      }
      await send(application.url, { path: PATH })
      await send(application.url, { headers: { authorization: 'Bearer' }, path: PATH })
      run = await application.stop()
      records = attributesOf(run)
    } finally {
      await application.close()
    }
  })

  it('are known by client and scopes, which the application says of them', () => {
    expect(records).toHaveLength(6)
    expect(records[0]).toMatchObject({
      'oauth.decision': 'allow',
      'oauth.client.id': 'shop',
      'oauth.token.scopes': ['orders:read', 'orders:write'],
    })
    const observed = run.records.find(({ type }) => type === 'oauth.token.observed')
    expect(observed?.attributes).toMatchObject({
      'oauth.validation.method': 'lookup',
      'oauth.token.format': 'opaque',
      'tokentrail.capture.hook': BEARER,
    })
  })

  it('name the scopes that are missing', () => {
    expectRefused(records[1] ?? {}, 'insufficient_scope')
    expect(records[1]).toMatchObject({
      'oauth.client.id': 'shop',
      'oauth.missing_scopes': ['orders:read'],
    })
  })

  it.each([
    [2, 'verifier_unavailable'],
    [3, 'inactive'],
    [4, 'missing'],
    [5, 'malformed'],
  ])('tell why they were refused: %i, %s', (index, reason) => {
    expectRefused(records[index] ?? {}, reason)
    expect(records[index]).not.toHaveProperty('oauth.client.id')
  })

  it('bring nothing else of the application into a record', () => {
    expectNothingForged(run, [good, narrow, broken, unknown])
    expect(run.texts.join('\n')).not.toMatch(/canary|alice/)
  })
})

describe('a sign-in with passport-oauth2', () => {
  const secrets = {
    code: 'canary-code',
    access_token: 'canary-access-token',
    refresh_token: 'canary-refresh-token',
    client: 'canary-client-secret',
  }
  const tokenEndpoint = createServer((request, response) => {
    const answered = { access_token: secrets.access_token, refresh_token: secrets.refresh_token }
    request
      .resume()
      .on('end', () => response.setHeader('content-type', 'application/json'))
      .on('end', () => response.end(JSON.stringify({ ...answered, token_type: 'Bearer' })))
  })
  const statuses: number[] = []
  let run: RecordedRun

  beforeAll(async () => {
    await new Promise<void>((resolve) => tokenEndpoint.listen(0, '127.0.0.1', resolve))
    const { port } = tokenEndpoint.address() as AddressInfo
    const application = await startApplication('passport/sign-in.mjs', {
      env: {
        FIXTURE_ISSUER: `http://127.0.0.1:${port}`,
        FIXTURE_CLIENT_SECRET: secrets.client,
      },
    })
    try {
      for (const path of ['/sign-in', `/callback?code=${secrets.code}`, REFUSED]) {
        statuses.push(await send(application.url, { path }))
      }
      run = await application.stop()
    } finally {
      await application.close()
    }
  })
  afterAll(() => tokenEndpoint.close())

  it('is no request with a token, so it leaves no record', () => {
    expect(statuses).toEqual([302, 200, 401])
    expect(run.requests).toEqual([])
  })

  it('leaves no secret either', () => {
    expect(run.texts.join('\n') + run.output).not.toContain('canary')
  })
})

const PATH = '/v1/orders/7'
const REFUSED = '/callback?error=access_denied&error_description=canary-no'

const attributesOf = ({ requests }: RecordedRun): readonly Attributes[] =>
  requests.map(({ attributes }) => attributes ?? {})
