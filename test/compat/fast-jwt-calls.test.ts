import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { fastJwt } from '../../packages/instrumentation/dist/libraries/fast-jwt.js'
import { hookLibrary } from './support/hook-library.ts'

type Call = (token: unknown) => unknown

interface FastJwt {
  readonly createVerifier: (options: object) => Call
  readonly createSigner: (options: object) => (payload: object) => string
}

const { exports: jwt, takeFacts } = hookLibrary<FastJwt>('fast-jwt', fastJwt)
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = publicKey.export({ type: 'spki', format: 'pem' })
const now = Math.floor(Date.now() / 1_000)
const claims = { sub: 'alice', client_id: 's6BhdRkqt3', iat: now, exp: now + 300 }

const sign = (payload: object = claims, options: object = {}): string =>
  jwt.createSigner({
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    algorithm: 'ES256',
    ...options,
  })(payload)

/** The one fact of a call, however it ends. */
function factOf(token: unknown, options: object = {}): unknown {
  try {
    jwt.createVerifier({ key, ...options })(token)
  } catch {
    // Its fact tells.
  }
  const facts = takeFacts()
  expect(facts.length).toBeLessThan(2)
  return facts[0]
}

describe('the hook on verifiers of fast-jwt', () => {
  it('copies the claims that may be recorded and nothing else', () => {
    const token = sign({ ...claims, email: 'a@example.com' }, { kid: 'k1' })
    const verified = {
      token,
      method: 'jwt',
      hook: 'fast-jwt.createVerifier',
      claims,
      keyId: 'k1',
      algorithm: 'ES256',
    }
    expect(factOf(token)).toEqual({ verified })
    expect(factOf(token, { complete: true })).toEqual({ verified })
    expect(factOf(Buffer.from(token))).toEqual({ verified })
  })

  it('does not take a claim that is called payload for the claims', () => {
    const token = sign({ ...claims, payload: { sub: 'mallory' }, signature: 'x' })
    expect(factOf(token)).toMatchObject({ verified: { claims: { sub: 'alice' } } })
  })

  it.each<[string, string, object, object]>([
    ['an age', 'expired', { ...claims, iat: now - 9 }, { maxAge: 5 }],
    ['a subject', 'wrong_claim', claims, { allowedSub: 'bob' }],
    [
      'one of several audiences',
      'wrong_audience',
      { ...claims, aud: ['a', 'b'] },
      { allowedAud: 'c' },
    ],
    ['a required claim', 'wrong_claim', claims, { requiredClaims: ['tenant'] }],
    ['a type', 'wrong_type', claims, { checkTyp: 'at+jwt' }],
  ])('proves whose token is refused for %s', (_, reason, payload, options) => {
    expect(factOf(sign(payload), options)).toMatchObject({
      rejection: { reason, provenClaims: { sub: 'alice' } },
    })
  })

  it('proves nothing by an unsigned token, accepted or not', () => {
    const options = { key: undefined, algorithms: ['none'] }
    const unsigned = jwt.createSigner({ algorithm: 'none' })
    expect(factOf(unsigned(claims), options)).toBeUndefined()
    const fact = factOf(unsigned({ ...claims, exp: now - 9 }), options)
    expect(fact).toMatchObject({ rejection: { reason: 'expired' } })
    expect(fact).not.toHaveProperty('rejection.provenClaims')
  })

  it('takes what is neither text nor bytes for no token', () => {
    expect(factOf(undefined)).toBeUndefined()
  })
})
