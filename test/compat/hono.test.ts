import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../e2e/support/send.ts'
import { describeApplication } from './support/describe-application.ts'
import { expectNothingForged, expectRefused } from './support/expect-record.ts'
import { type RecordedRun, startApplication } from './support/recorded-application.ts'

// The scope is looked at after the signature.
const proven = ['insufficient_scope'] as const

describeApplication('hono/jwt.mjs', {
  library: 'hono',
  hook: 'hono.Jwt.verify',
  reasons: { key_not_found: 'bad_signature' },
  proven,
})
describeApplication('hono/jwk.cjs', {
  library: 'hono',
  hook: 'hono.Jwt.verifyWithJwks',
  proven,
})
describeApplication('hono/verify.mjs', {
  library: 'hono',
  hook: 'hono.Jwt.verifyWithJwks',
  proven,
})
describeApplication('hono/bearer-over-jose.mjs', {
  library: 'hono',
  hook: 'jose.jwtVerify',
  hooks: { missing: 'hono.bearerAuth', insufficient_scope: 'hono.bearerAuth' },
  // `verifyToken` can only say no.
  reasons: { insufficient_scope: 'inactive' },
})

describe('opaque tokens with bearerAuth of Hono', () => {
  const [good, broken, unknown] = Array.from({ length: 3 }, () =>
    randomBytes(24).toString('base64url'),
  ) as [string, string, string]
  let run: RecordedRun
  const attributesOf = (index: number): Readonly<Record<string, unknown>> =>
    run.requests[index]?.attributes ?? {}

  beforeAll(async () => {
    const env = { FIXTURE_TOKEN: good, FIXTURE_BROKEN_TOKEN: broken }
    const application = await startApplication('hono/bearer.mjs', { env })
    try {
      const path = '/v1/orders/7'
      for (const token of [good, broken, unknown]) {
        await send(application.url, { headers: bearer(token), path })
      }
      await send(application.url, { path })
      await send(application.url, { headers: { authorization: 'Bearer a b' }, path })
      run = await application.stop()
    } finally {
      await application.close()
    }
  })

  it('are known by their fingerprint, since nobody says whose they are', () => {
    expect(run.requests).toHaveLength(5)
    expect(attributesOf(0)).toMatchObject({ 'oauth.decision': 'allow' })
    expect(attributesOf(0)).not.toHaveProperty('oauth.client.id')
    const observed = run.records.find(({ type }) => type === 'oauth.token.observed')
    expect(observed?.attributes).toMatchObject({
      'oauth.validation.method': 'lookup',
      'tokentrail.capture.hook': 'hono.bearerAuth',
    })
  })

  it.each([
    [1, 'verifier_unavailable'],
    [2, 'inactive'],
    [3, 'missing'],
    [4, 'malformed'],
  ])('tell why they were refused: %i, %s', (index, reason) => {
    expectRefused(attributesOf(index), reason)
    expect(attributesOf(index)['tokentrail.capture.hook']).toBe('hono.bearerAuth')
  })

  it('are in no record', () => expectNothingForged(run, [good, broken, unknown]))
})
