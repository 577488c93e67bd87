import { createHmac, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { jsonwebtoken } from '../../packages/instrumentation/dist/libraries/jsonwebtoken.js'
import { hookLibrary } from './support/hook-library.ts'

interface JsonWebToken {
  readonly verify: (...args: unknown[]) => unknown
  readonly sign: (payload: unknown, key: unknown, options?: object) => string
}

const { exports: jwt, takeFacts } = hookLibrary<JsonWebToken>('jsonwebtoken', jsonwebtoken)
const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const now = Math.floor(Date.now() / 1_000)
const claims = { sub: 'alice', client_id: 's6BhdRkqt3', iat: now, exp: now + 300 }

const sign = (payload: object = claims, options: object = {}): string =>
  jwt.sign(payload, rsa.privateKey, { algorithm: 'RS256', ...options })

const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The one fact of a call, however it ends. */
function factOf(...args: unknown[]): unknown {
  try {
    jwt.verify(...args)
  } catch {
    // Its fact tells.
  }
  const facts = takeFacts()
  expect(facts.length).toBeLessThan(2)
  return facts[0]
}

describe('the hook on jsonwebtoken.verify', () => {
  it('copies the claims that may be recorded and nothing else', () => {
    const token = sign({ ...claims, email: 'a@example.com' }, { keyid: 'k1' })
    expect(factOf(token, rsa.publicKey)).toEqual({
      verified: {
        token,
        method: 'jwt',
        hook: 'jsonwebtoken.verify',
        claims,
        keyId: 'k1',
        algorithm: 'RS256',
      },
    })
  })

  it.each<[string, string, () => unknown]>([
    [
      'an age',
      'expired',
      () => factOf(sign({ ...claims, iat: now - 9 }), rsa.publicKey, { maxAge: 5 }),
    ],
    ['a subject', 'wrong_claim', () => factOf(sign(), rsa.publicKey, { subject: 'bob' })],
    ['an id', 'wrong_claim', () => factOf(sign(), rsa.publicKey, { jwtid: 'x' })],
    ['a nonce', 'wrong_claim', () => factOf(sign(), rsa.publicKey, { nonce: 'x' })],
    [
      'an expiry of a wrong kind',
      'wrong_claim',
      () => factOf(signRaw({ ...claims, exp: '9' }), 's'),
    ],
    [
      'a time of issue that is missing',
      'wrong_claim',
      () => factOf(signRaw({ sub: 'alice', client_id: 'c' }), 's', { maxAge: 5 }),
    ],
  ])('gives the reason, with proven claims, when it refuses %s', (_, reason, refuse) => {
    expect(refuse()).toMatchObject({ rejection: { reason, provenClaims: { sub: 'alice' } } })
  })

  it.each<[string, string, () => unknown]>([
    ['another signature', 'bad_signature', () => factOf(sign(), otherKey())],
    [
      'an expired token of another key',
      'bad_signature',
      () => factOf(sign({ ...claims, exp: 1 }), otherKey()),
    ],
    [
      'a signature of a wrong length',
      'bad_signature',
      () => factOf(`${segment({ alg: 'ES256' })}.${segment(claims)}.AAAA`, ec.publicKey),
    ],
    [
      'a public key used as a secret',
      'algorithm_not_allowed',
      () => factOf(signRaw(claims), rsa.publicKey),
    ],
    [
      'a key of another kind',
      'algorithm_not_allowed',
      () => factOf(sign(), ec.publicKey, { algorithms: ['RS256'] }),
    ],
    ['an unsigned token', 'algorithm_not_allowed', () => factOf(unsigned(), rsa.publicKey)],
    ['an unsigned token without a key', 'algorithm_not_allowed', () => factOf(unsigned(), '')],
    ['a key that is none', 'verifier_unavailable', () => factOf(sign(), {})],
    ['no key', 'key_not_found', () => factOf(sign(), undefined)],
    ['no JWT', 'malformed', () => factOf('opaque', rsa.publicKey)],
    ['a header that is no JSON', 'malformed', () => factOf('e3.e30.AAAA', rsa.publicKey)],
    ['a call without a callback', 'unknown', () => factOf(sign(), () => {})],
  ])('gives the reason, and no claims, when it refuses %s', (_, reason, refuse) => {
    const fact = refuse()
    expect(fact).toMatchObject({ rejection: { reason } })
    expect(fact).not.toHaveProperty('rejection.provenClaims')
  })

  it('says nothing of an unsigned token that an application accepts', () => {
    const options = { algorithms: ['none'] }
    expect(jwt.verify(unsigned(), '', options)).toMatchObject({ sub: 'alice' })
    expect(factOf(unsigned(), '', options)).toBeUndefined()
    expect(factOf(unsigned({ ...claims, exp: 1 }), '', options)).not.toHaveProperty(
      'rejection.provenClaims',
    )
  })

  it('says nothing of a text that was signed', () => {
    expect(factOf(jwt.sign('text', 's'), 's')).toBeUndefined()
  })

  it('tells that a key function failed, and does not look into why', () => {
    const keyOf = (_: unknown, callback: (error: Error) => void): void =>
      callback(new Error('connect ECONNREFUSED'))
    expect(factOf(sign(), keyOf, () => {})).toMatchObject({
      rejection: { reason: 'verifier_unavailable' },
    })
  })

  it('leaves to the application what its callback throws', () => {
    const mine = new Error('mine')
    const callback = (): never => {
      throw mine
    }
    expect(() => jwt.verify(sign(), rsa.publicKey, callback)).toThrow(mine)
    expect(takeFacts()).toHaveLength(1)
  })

  it('looks like what it stands for', () => {
    expect(jwt.verify).toHaveLength(4)
  })
})

const otherKey = (): unknown => generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey

/** Signs with HS256 what `sign` of the library would not, under the secret `s`. */
function signRaw(payload: object): string {
  const text = `${segment({ alg: 'HS256' })}.${segment(payload)}`
  return `${text}.${createHmac('sha256', 's').update(text).digest('base64url')}`
}

const unsigned = (payload: object = claims): string =>
  `${segment({ alg: 'none' })}.${segment(payload)}.`
