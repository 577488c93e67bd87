import { beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../e2e/support/send.ts'
import { describeApplication } from './support/describe-application.ts'
import { expectNothingForged, expectRefused } from './support/expect-record.ts'
import { CLIENT, environmentFor, startIssuer } from './support/issuer.ts'
import { type RecordedRun, startApplication } from './support/recorded-application.ts'

const VERIFIER = 'fast-jwt.createVerifier'
const PLUGIN = 'fastify-jwt.default'

describeApplication('fast-jwt/verifier.mjs', {
  library: 'fast-jwt',
  hook: VERIFIER,
  reasons: { key_not_found: 'bad_signature' },
})
describeApplication('fast-jwt/key-function.cjs', { library: 'fast-jwt', hook: VERIFIER })

const told = { malformed: 'fast-jwt.createDecoder', missing: PLUGIN }

describeApplication('fast-jwt/fastify.mjs', {
  library: 'fastify-jwt',
  hook: VERIFIER,
  hooks: told,
  reasons: { key_not_found: 'bad_signature' },
})
describeApplication('fast-jwt/fastify.cjs', {
  library: 'fastify-jwt',
  hook: VERIFIER,
  hooks: { ...told, key_not_found: PLUGIN },
})

describe('requests that @fastify/jwt refuses whatever the token says', () => {
  let run: RecordedRun
  const tokens: string[] = []
  const attributesOf = (index: number): Readonly<Record<string, unknown>> =>
    run.requests[index]?.attributes ?? {}

  beforeAll(async () => {
    const issuer = await startIssuer()
    const application = await startApplication('fast-jwt/fastify.mjs', {
      env: environmentFor(issuer),
    })
    try {
      tokens.push(await issuer.sign({ sub: 'banned' }), await issuer.sign({}))
      const [banned = '', good = ''] = tokens
      const path = '/v1/orders/7'
      await send(application.url, { headers: bearer(banned), path })
      await send(application.url, { headers: { authorization: `Bearer ${good} x` }, path })
      run = await application.stop()
    } finally {
      await application.close()
      await issuer.close()
    }
  })

  it('are the application’s policy where the token is good', () => {
    expectRefused(attributesOf(0), 'policy_denied')
    expect(attributesOf(0)).toMatchObject({
      'tokentrail.capture.hook': PLUGIN,
      'oauth.client.id': CLIENT,
    })
  })

  it('are malformed where the header is no Bearer header', () => {
    expectRefused(attributesOf(1), 'malformed')
    expect(attributesOf(1)).not.toHaveProperty('oauth.client.id')
  })

  it('leave no token in a record', () => expectNothingForged(run, tokens))
})
