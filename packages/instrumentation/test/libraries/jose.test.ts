import { createHmac, createSecretKey, generateKeyPairSync } from 'node:crypto'
import * as joseModule from 'jose'
import { createLocalJWKSet, createRemoteJWKSet, customFetch, exportJWK, SignJWT } from 'jose'
import type { JWTPayload, JWTVerifyOptions } from 'jose'
import type { TokenRejection } from '@tokentrail/session'
import { beforeAll, describe, expect, it } from 'vitest'
import { jose } from '../../src/libraries/jose.ts'
import { observeCall } from './observe-call.ts'

const issuer = 'https://as.example.com'
const audience = 'https://api.example.com'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const other = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const now = Math.floor(Date.now() / 1000)
const claims = { sub: 'alice', client_id: 's6BhdRkqt3', iat: now, exp: now + 300, scope: 'a b' }

function sign(
  payload: JWTPayload = claims,
  header: object = {},
  key = privateKey,
): Promise<string> {
  return new SignJWT({ iss: issuer, aud: audience, ...payload })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1', typ: 'at+jwt', ...header })
    .sign(key)
}

async function observeVerify(
  token: string | Uint8Array,
  options: JWTVerifyOptions = { issuer, audience },
  key: Parameters<typeof joseModule.jwtVerify>[1] = publicKey,
  requestToken = typeof token === 'string' ? token : new TextDecoder().decode(token),
): Promise<ReturnType<typeof observeCall>> {
  return observeCall(jose, 'jwtVerify', joseModule.jwtVerify, [token, key, options], requestToken)
}

async function rejectionOf(...args: Parameters<typeof observeVerify>): Promise<TokenRejection> {
  const { fact } = await observeVerify(...args)
  if (fact === undefined || !('rejection' in fact)) throw new Error('no rejection was seen')
  return fact.rejection
}

describe('the hook on jose.jwtVerify', () => {
  let token = ''
  beforeAll(async () => {
    token = await sign()
  })

  it('copies the claims that may be recorded and nothing else', async () => {
    const long = await sign({ ...claims, email: 'a@example.com', nonce: 'n', aud: [audience, 'x'] })
    const { fact } = await observeVerify(long)
    expect(fact).toEqual({
      verified: {
        token: long,
        method: 'jwt',
        hook: 'jose.jwtVerify',
        keyId: 'k1',
        algorithm: 'ES256',
        claims: { iss: issuer, aud: [audience, 'x'], ...claims },
      },
    })
  })

  it('sees a token given as bytes', async () => {
    const { fact } = await observeVerify(new TextEncoder().encode(token))
    expect(fact).toHaveProperty('verified.token', token)
  })

  it('keeps the claims of a refused token that was signed by the right key', async () => {
    const expired = await sign({ ...claims, exp: now - 60 })
    expect(await rejectionOf(expired)).toEqual({
      token: expired,
      reason: 'expired',
      hook: 'jose.jwtVerify',
      keyId: 'k1',
      algorithm: 'ES256',
      provenClaims: { iss: issuer, aud: audience, ...claims, exp: now - 60 },
    })
  })

  it.each<[string, TokenRejection['reason'], () => Promise<TokenRejection>]>([
    ['an audience', 'wrong_audience', () => rejectionOf(token, { audience: 'x' })],
    ['an issuer', 'wrong_issuer', () => rejectionOf(token, { issuer: 'x' })],
    ['a type', 'wrong_type', () => rejectionOf(token, { typ: 'JWT' })],
    ['a subject', 'wrong_claim', () => rejectionOf(token, { subject: 'bob' })],
    ['a missing claim', 'wrong_claim', () => rejectionOf(token, { requiredClaims: ['acr'] })],
    [
      'an age',
      'expired',
      async () => rejectionOf(await sign({ ...claims, iat: now - 99 }), { maxTokenAge: 9 }),
    ],
    ['nbf', 'not_yet_valid', async () => rejectionOf(await sign({ ...claims, nbf: now + 99 }))],
    [
      'iat',
      'not_yet_valid',
      async () => rejectionOf(await sign({ ...claims, iat: now + 99 }), { maxTokenAge: 9 }),
    ],
    [
      'nbf of a wrong kind',
      'wrong_claim',
      async () => rejectionOf(await sign({ ...claims, nbf: '1' as never })),
    ],
  ])(
    'gives the reason, with proven claims, when the library refuses %s',
    async (_, reason, refuse) => {
      const rejection = await refuse()
      expect(rejection.reason).toBe(reason)
      expect(rejection.provenClaims?.sub).toBe('alice')
    },
  )

  it.each<[string, TokenRejection['reason'], () => Promise<TokenRejection>]>([
    [
      'a forged signature',
      'bad_signature',
      async () => rejectionOf(await sign(claims, {}, other.privateKey)),
    ],
    [
      'an expired token that is forged',
      'bad_signature',
      async () => rejectionOf(await sign({ ...claims, exp: 1 }, {}, other.privateKey)),
    ],
    [
      'a changed payload',
      'bad_signature',
      async () =>
        rejectionOf(
          token.replace(/\.[^.]+\./, `.${Buffer.from('{"sub":"root"}').toString('base64url')}.`),
        ),
    ],
    ['no JWT', 'malformed', () => rejectionOf('opaque')],
    ['a header that is no JSON', 'malformed', () => rejectionOf('e30x.e30.x')],
    [
      'an algorithm that is not allowed',
      'algorithm_not_allowed',
      () => rejectionOf(token, { algorithms: ['RS256'] }),
    ],
    [
      'a public key used as a secret',
      'algorithm_not_allowed',
      () => rejectionOf(forgeWithSecret()),
    ],
    [
      'alg none against a key set',
      'algorithm_not_allowed',
      async () =>
        rejectionOf(`${segment({ alg: 'none' })}.${segment(claims)}.`, {}, await keySet('k1')),
    ],
    ['an unknown kid', 'key_not_found', async () => rejectionOf(token, {}, await keySet('k2'))],
    [
      'a key set that cannot be fetched',
      'verifier_unavailable',
      () =>
        rejectionOf(
          token,
          {},
          remoteKeys(() => Promise.reject(new TypeError('fetch failed'))),
        ),
    ],
    [
      'a key set behind an error',
      'verifier_unavailable',
      () =>
        rejectionOf(
          token,
          {},
          remoteKeys(() => Promise.resolve(new Response('', { status: 503 }))),
        ),
    ],
    [
      'a key set that is none',
      'verifier_unavailable',
      () =>
        rejectionOf(
          token,
          {},
          remoteKeys(() => Promise.resolve(Response.json([]))),
        ),
    ],
    [
      'a key set that takes too long',
      'verifier_unavailable',
      () =>
        rejectionOf(
          token,
          {},
          remoteKeys(
            (_, { signal }) =>
              new Promise((_, reject) =>
                signal.addEventListener('abort', () => reject(signal.reason as Error)),
              ),
          ),
        ),
    ],
    [
      'a key function that throws',
      'verifier_unavailable',
      () =>
        rejectionOf(token, {}, () => {
          throw new Error('no')
        }),
    ],
  ])('gives the reason, and no claims, when the library refuses %s', async (_, reason, refuse) => {
    const rejection = await refuse()
    expect(rejection.reason).toBe(reason)
    expect(rejection).not.toHaveProperty('provenClaims')
    expect(JSON.stringify({ ...rejection, token: '' })).not.toMatch(/alice|root|s6BhdRkqt3/)
  })

  it('bounds the header facts of a token that nobody verified', async () => {
    const long = await sign(claims, { kid: 'k'.repeat(129) }, other.privateKey)
    expect(await rejectionOf(long)).toMatchObject({ reason: 'bad_signature', algorithm: 'ES256' })
    expect(await rejectionOf(long)).not.toHaveProperty('keyId')
    expect(await rejectionOf(`${'a'.repeat(4_097)}.e30.x`)).not.toHaveProperty('algorithm')
  })
})

describe('the hook on jose.compactVerify', () => {
  it('reads the claims of the payload, whose signature is good', async () => {
    const token = await sign()
    const { fact } = await observeCall(
      jose,
      'compactVerify',
      joseModule.compactVerify,
      [token, publicKey],
      token,
    )
    expect(fact).toEqual({
      verified: {
        token,
        method: 'jwt',
        hook: 'jose.compactVerify',
        keyId: 'k1',
        algorithm: 'ES256',
        claims: { iss: issuer, aud: audience, ...claims },
      },
    })
  })

  it('knows no claims of a payload that is not JSON', async () => {
    const token = await new joseModule.CompactSign(Buffer.from('text'))
      .setProtectedHeader({ alg: 'ES256' })
      .sign(privateKey)
    const args = [token, publicKey]
    const { fact } = await observeCall(jose, 'compactVerify', joseModule.compactVerify, args, token)
    expect(fact).toHaveProperty('verified.claims', {})
  })

  it('tells why a signature is refused', async () => {
    const token = await sign(claims, {}, other.privateKey)
    const args = [token, publicKey]
    const { fact } = await observeCall(jose, 'compactVerify', joseModule.compactVerify, args, token)
    expect(fact).toHaveProperty('rejection.reason', 'bad_signature')
    expect(fact).not.toHaveProperty('rejection.provenClaims')
  })
})

const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

async function keySet(kid: string): Promise<ReturnType<typeof createLocalJWKSet>> {
  return createLocalJWKSet({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256' }] })
}

function remoteKeys(
  fetchKeys: (url: string, options: { signal: AbortSignal }) => Promise<Response>,
): ReturnType<typeof createRemoteJWKSet> {
  const url = new URL('https://as.example.com/jwks')
  return createRemoteJWKSet(url, { [customFetch]: fetchKeys, timeoutDuration: 20 })
}

/** The old attack: sign with HS256 under the public key, hoping that it is taken for a secret. */
function forgeWithSecret(): string {
  const text = `${segment({ alg: 'HS256' })}.${segment(claims)}`
  const secret = createSecretKey(publicKey.export({ type: 'spki', format: 'der' }))
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
}
