import { generateKeyPairSync } from 'node:crypto'
import { exportJWK, SignJWT } from 'jose'
import type { JWTPayload } from 'jose'
import * as oauth from 'oauth4webapi'
import type { TokenRejection, VerifiedToken } from '@tokentrail/session'
import { describe, expect, it } from 'vitest'
import type { ObservedFact } from '../../src/hooks/library.ts'
import { oauth4webapi } from '../../src/libraries/oauth4webapi.ts'
import { observeCall } from './observe-call.ts'

const issuer = 'https://as.example.com'
const audience = 'https://api.example.com'
const server: oauth.AuthorizationServer = {
  issuer,
  introspection_endpoint: `${issuer}/introspect`,
  jwks_uri: `${issuer}/jwks`,
}
const client: oauth.Client = { client_id: 'orders-api' }

function rejectionOf(fact: ObservedFact): TokenRejection {
  if (fact === undefined || !('rejection' in fact)) throw new Error('no rejection was seen')
  return fact.rejection
}

function verifiedOf(fact: ObservedFact): VerifiedToken {
  if (fact === undefined || !('verified' in fact)) throw new Error('no success was seen')
  return fact.verified
}

describe('the hooks on introspection', () => {
  /** The application's two calls, with an authorization server that answers as told. */
  async function introspect(
    answer: () => Promise<Response>,
    token = 'opaque-token',
    requestToken = 'opaque-token',
  ): Promise<ObservedFact> {
    const notes = new WeakMap<object, string>()
    const options = { [oauth.customFetch]: answer }
    const args = [server, client, oauth.None(), token, options]
    const asked = await observeCall(
      oauth4webapi,
      'introspectionRequest',
      oauth.introspectionRequest,
      args,
      requestToken,
      notes,
    )
    if (asked.fact !== undefined || asked.outcome.kind === 'threw') return asked.fact
    const answerArgs = [server, client, asked.outcome.value]
    const processed = await observeCall(
      oauth4webapi,
      'processIntrospectionResponse',
      oauth.processIntrospectionResponse,
      answerArgs,
      requestToken,
      notes,
    )
    return processed.fact
  }
  const json =
    (body: unknown, status = 200) =>
    (): Promise<Response> =>
      Promise.resolve(Response.json(body, { status }))

  it('take the answer for the token that was asked about, and its issuer from the server', async () => {
    const answer = {
      active: true,
      sub: 'alice',
      client_id: 'c',
      scope: 'a',
      username: 'Alice',
      exp: 9,
    }
    expect(verifiedOf(await introspect(json(answer)))).toEqual({
      token: 'opaque-token',
      method: 'introspection',
      hook: 'oauth4webapi.processIntrospectionResponse',
      claims: { iss: issuer, sub: 'alice', client_id: 'c', scope: 'a', exp: 9 },
    })
  })

  it('prefer the issuer that the answer names', async () => {
    const fact = await introspect(json({ active: true, iss: 'https://other.example.com' }))
    expect(verifiedOf(fact).claims.iss).toBe('https://other.example.com')
  })

  it('say that a token is inactive, whatever else the answer claims', async () => {
    expect(rejectionOf(await introspect(json({ active: false, sub: 'alice' })))).toEqual({
      token: 'opaque-token',
      reason: 'inactive',
      hook: 'oauth4webapi.processIntrospectionResponse',
    })
  })

  it.each<[string, () => Promise<Response>]>([
    ['is not reached', () => Promise.reject(new TypeError('fetch failed'))],
    ['fails', json({ error: 'server_error' }, 500)],
    ['does not know us', json({ error: 'invalid_client' }, 401)],
    ['answers nonsense', json({ active: 'yes' })],
  ])('say that the verifier is unavailable when it %s', async (_, answer) => {
    expect(rejectionOf(await introspect(answer)).reason).toBe('verifier_unavailable')
  })
})

describe('the hook on validateJwtAccessToken', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const now = Math.floor(Date.now() / 1000)
  const claims = {
    iss: issuer,
    aud: audience,
    sub: 'alice',
    client_id: 'c',
    jti: 'j',
    iat: now,
    exp: now + 300,
  }

  const { jti: _, ...withoutId } = claims

  function sign(payload: JWTPayload, header: object = {}, key = privateKey): Promise<string> {
    const protectedHeader = { alg: 'ES256', kid: 'k1', typ: 'at+jwt', ...header }
    return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(key)
  }

  async function validate(
    token: string | undefined,
    jwks: () => Promise<Response> = async () =>
      Response.json({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] }),
    scheme = 'Bearer',
  ): Promise<ObservedFact> {
    const headers: Record<string, string> =
      token === undefined ? {} : { authorization: `${scheme} ${token}` }
    const request = new Request('https://api.example.com/', { headers })
    const as = { ...server }
    const args = [as, request, audience, { [oauth.customFetch]: jwks }]
    return (
      await observeCall(
        oauth4webapi,
        'validateJwtAccessToken',
        oauth.validateJwtAccessToken,
        args,
        token,
      )
    ).fact
  }

  it('copies the claims of an accepted token', async () => {
    const token = await sign({ ...claims, scope: 'a', email: 'a@example.com' })
    expect(verifiedOf(await validate(token))).toEqual({
      token,
      method: 'jwt',
      hook: 'oauth4webapi.validateJwtAccessToken',
      claims: { ...claims, scope: 'a' },
      keyId: 'k1',
      algorithm: 'ES256',
    })
  })

  it.each<[string, TokenRejection['reason'], () => Promise<ObservedFact>]>([
    ['no token', 'missing', () => validate(undefined)],
    ['an expired one', 'expired', async () => validate(await sign({ ...claims, exp: now - 60 }))],
    [
      'one from the future',
      'not_yet_valid',
      async () => validate(await sign({ ...claims, nbf: now + 99 })),
    ],
    [
      'another issuer',
      'wrong_issuer',
      async () => validate(await sign({ ...claims, iss: 'https://x' })),
    ],
    [
      'another audience',
      'wrong_audience',
      async () => validate(await sign({ ...claims, aud: 'x' })),
    ],
    ['another type', 'wrong_type', async () => validate(await sign(claims, { typ: 'JWT' }))],
    ['a missing claim', 'wrong_claim', async () => validate(await sign(withoutId))],
    [
      'a forged signature',
      'bad_signature',
      async () => validate(await sign(claims, {}, other.privateKey)),
    ],
    ['an unknown key', 'key_not_found', async () => validate(await sign(claims, { kid: 'k2' }))],
    ['no JWT', 'malformed', () => validate('opaque')],
    ['a header that is no JSON', 'malformed', () => validate('eHg.e30.x')],
    [
      'alg none',
      'algorithm_not_allowed',
      () => validate(`${segment({ alg: 'none' })}.${segment(claims)}.x`),
    ],
    [
      'DPoP without a proof',
      'wrong_claim',
      async () => validate(await sign(claims), undefined, 'DPoP'),
    ],
    [
      'keys out of reach',
      'verifier_unavailable',
      async () => validate(await sign(claims), () => Promise.reject(new TypeError('fetch failed'))),
    ],
    [
      'keys behind an error',
      'verifier_unavailable',
      async () =>
        validate(await sign(claims), () => Promise.resolve(new Response('', { status: 503 }))),
    ],
  ])('gives the reason, and never a claim, for %s', async (_, reason, refuse) => {
    const rejection = rejectionOf(await refuse())
    expect(rejection.reason).toBe(reason)
    expect(rejection).not.toHaveProperty('provenClaims')
    expect(JSON.stringify({ ...rejection, token: '' })).not.toContain('alice')
  })
})

const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
