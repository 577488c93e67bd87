import { beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../e2e/support/send.ts'
import { describeApplication } from './support/describe-application.ts'
import { expectIdentified, expectRefused } from './support/expect-record.ts'
import { CLIENT, environmentFor, startIssuer } from './support/issuer.ts'
import { type RecordedRun, startApplication } from './support/recorded-application.ts'

/** Version 4 looks at the issuer before the signature. */
const proven = ['expired', 'not_yet_valid', 'wrong_audience', 'insufficient_scope'] as const

describeApplication('aws-jwt-verify/verifier.mjs', {
  library: 'aws-jwt-verify',
  proven,
  hook: 'aws-jwt-verify.JwtVerifier.prototype.verify',
})
describeApplication('aws-jwt-verify/scope.cjs', {
  library: 'aws-jwt-verify',
  proven,
  hook: 'aws-jwt-verify.JwtVerifier.prototype.verifySync',
  hooks: { insufficient_scope: 'aws-jwt-verify.JwtVerifier.prototype.verifySync' },
})

describe('an application that verifies tokens of Cognito', () => {
  const userPool = 'eu-central-1_Fixture'
  const now = Math.floor(Date.now() / 1_000)
  const wrong: readonly (readonly [string, object, string, boolean])[] = [
    ['an ID token', { token_use: 'id', aud: CLIENT }, 'wrong_type', true],
    ['the token of another client', { client_id: 'other-client' }, 'wrong_claim', true],
    ['an expired token', { exp: now - 9 }, 'expired', true],
    ['the token of another pool', { iss: 'https://example.com' }, 'wrong_issuer', false],
  ]
  let run: RecordedRun
  const attributesOf = (index: number): Readonly<Record<string, unknown>> =>
    run.requests[index]?.attributes ?? {}

  beforeAll(async () => {
    const issuer = await startIssuer()
    const iss = `https://cognito-idp.eu-central-1.amazonaws.com/${userPool}`
    const sign = (claims: object): Promise<string> =>
      issuer.sign({ iss, token_use: 'access', ...claims })
    const application = await startApplication('aws-jwt-verify/cognito.mjs', {
      env: { ...environmentFor(issuer), FIXTURE_USER_POOL: userPool, FIXTURE_CLIENT: CLIENT },
    })
    try {
      for (const claims of [{}, ...wrong.map(([, claims]) => claims)]) {
        const headers = bearer(await sign(claims))
        await send(application.url, { headers, path: '/v1/orders/7' })
      }
      run = await application.stop()
    } finally {
      await application.close()
      await issuer.close()
    }
  })

  it('identifies who presented a good token', () => {
    expect(run.requests).toHaveLength(1 + wrong.length)
    expectIdentified(run, attributesOf(0))
  })

  it.each(wrong.map((each, index) => [index + 1, ...each] as const))(
    'records why token %i, %s, was refused',
    (index, _, claims, reason, proven) => {
      expectRefused(attributesOf(index), reason)
      const { client_id: client = CLIENT } = claims as { readonly client_id?: string }
      expect(attributesOf(index)['oauth.client.id']).toBe(proven ? client : undefined)
    },
  )
})
