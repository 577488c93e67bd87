import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EVENTS } from '@tokentrail/semantic-conventions'
import type { VerifiedClaims, VerifiedToken } from '../../src/index.ts'
import { createProfileFinder } from '../../src/profiles/profile-finder.ts'
import { readTokenFacts, type TokenFacts } from '../../src/token/token-facts.ts'
import { anyText } from '../arbitraries.ts'
import { createTestPseudonymizer } from '../keyed.ts'
import { CLAIMS, verifiedWith } from '../requests.ts'

const pseudonyms = createTestPseudonymizer()
const AS = 'https://as.example.com'
const ALICE = 'HVH65NCLXG4clOzOQjqOMw'
const { sub: _sub, ...WITHOUT_SUBJECT } = CLAIMS
const factsOf = (claims: unknown, change: Partial<VerifiedToken> = {}): TokenFacts =>
  readTokenFacts(verifiedWith(claims as VerifiedClaims, change), 'fingerprint', {
    pseudonyms,
    identification: 'pseudonym',
    profileOf: createProfileFinder(),
  })
const attributesOf = (
  claims: unknown,
  change: Partial<VerifiedToken> = {},
): TokenFacts['attributes'] => factsOf(claims, change).attributes

describe('the facts of a verified token', () => {
  it('are these, and no others', () => {
    expect(attributesOf(CLAIMS)).toStrictEqual({
      'oauth.authentication.context_class': 'urn:mace:incommon:iap:silver',
      'oauth.authentication.methods': ['pwd', 'otp'],
      'oauth.authentication.time': '2026-11-23T20:58:11Z',
      'oauth.client.id': 's6BhdRkqt3',
      'oauth.issuer': AS,
      'oauth.oidc.session.id': 'gxgQisZxeJWhc2c5hQDJ9A',
      'oauth.session.derivation': 'sid',
      'oauth.token.algorithm': 'ES256',
      'oauth.token.audiences': ['https://api.example.com'],
      'oauth.token.expires_at': '2026-11-23T22:38:00Z',
      'oauth.token.fingerprint': 'fingerprint',
      'oauth.token.format': 'jwt',
      'oauth.token.id': 'dbe39bf3a3ba4238a513f51d6e1691c4',
      'oauth.token.issued_at': '2026-11-23T21:38:00Z',
      'oauth.token.key.id': '2026-10-a',
      'oauth.token.scopes': ['orders:read', 'orders:write'],
      'oauth.token.subject': ALICE,
      'oauth.token.subject_type': 'user',
      'oauth.token.type': 'access_token',
      'oauth.validation.method': 'jwt',
      'tokentrail.capture.hook': 'jose.jwtVerify',
      'user.hash': ALICE,
    })
    expect(factsOf(CLAIMS).identities).toStrictEqual([
      { kind: 'sub', issuer: AS, pseudonym: ALICE, value: 'alice' },
      {
        kind: 'sid',
        issuer: AS,
        pseudonym: 'gxgQisZxeJWhc2c5hQDJ9A',
        value: '08a5019c-17e1-4977-8f42-65a12843ea02',
      },
    ])
  })

  it.each<[string, VerifiedClaims, readonly string[] | undefined]>([
    ['a string', { scope: ' a  b ' }, ['a', 'b']],
    ['a list', { scope: ['a', 'b'] }, ['a', 'b']],
    ['scp as a list', { scp: ['a', 1, null, 'b'] }, ['a', 'b']],
    ['scp as a string', { scp: 'a b' }, ['a', 'b']],
    ['nothing', {}, undefined],
    ['an empty string', { scope: '' }, undefined],
    ['an object', { scope: { a: 1 } }, undefined],
    ['a number', { scope: 7 }, undefined],
  ])('read scopes from %s', (_, claims, scopes) => {
    expect(attributesOf(claims)['oauth.token.scopes']).toStrictEqual(scopes)
  })

  it('take the client from the first of client_id, azp, cid and appid that is a string', () => {
    expect(factsOf({ client_id: 7, azp: 'a', cid: 'c' }).clientId).toBe('a')
    expect(factsOf({ cid: 'c', appid: 'd' }).clientId).toBe('c')
    expect(factsOf({ appid: 'd' }).clientId).toBe('d')
  })

  it('bound dates to what ISO 8601 can say', () => {
    for (const exp of [-1, Number.NaN, Infinity, 253_402_300_800, '1795473480', null]) {
      expect(attributesOf({ exp })).not.toHaveProperty(['oauth.token.expires_at'])
    }
    expect(attributesOf({ exp: 1.9 })['oauth.token.expires_at']).toBe('1970-01-01T00:00:01Z')
  })

  it('name the binding and the thumbprint by pseudonym', () => {
    const jkt = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'
    expect(attributesOf({ cnf: { jkt } })).toMatchObject({
      'oauth.token.binding.method': 'dpop',
      'oauth.token.binding.thumbprint': 'AKb82G6z2Z_4RPZiWy_0_w',
    })
    expect(attributesOf({ cnf: { 'x5t#S256': jkt } })).toMatchObject({
      'oauth.token.binding.method': 'mtls',
      'oauth.token.binding.thumbprint': 'AKb82G6z2Z_4RPZiWy_0_w',
    })
  })
})

describe('the id of a token', () => {
  it('is never that of an opaque one, which may be the token itself', () => {
    const opaque = 'oYTf2Ow4Mk9gIYdcYlkGZCKMXEAjFjA4'
    expect(
      attributesOf({ jti: opaque }, { token: opaque, method: 'introspection' }),
    ).not.toHaveProperty(['oauth.token.id'])
  })

  it('is none that stands in the token', () => {
    const attributes = attributesOf(
      { jti: 'bbb' },
      { token: 'aaa.bbb.ccc', method: 'introspection' },
    )
    expect(attributes).not.toHaveProperty(['oauth.token.id'])
  })

  it('is none of an encrypted token of five segments', () => {
    expect(attributesOf({ jti: 'x1' }, { token: 'a.b.c.d.e' })).not.toHaveProperty([
      'oauth.token.id',
    ])
  })
})

describe('a machine', () => {
  it.each<[string, VerifiedClaims]>([
    ['whose subject is the client', { ...CLAIMS, sub: 's6BhdRkqt3' }],
    [
      'with the grant of its credentials',
      { ...CLAIMS, sub: 's6BhdRkqt3@clients', gty: 'client-credentials' },
    ],
    ['without a subject', WITHOUT_SUBJECT],
  ])('%s is no person', (_, claims) => {
    const { attributes, session, userHash } = factsOf(claims)
    expect(attributes['oauth.token.subject_type']).toBe('client')
    expect(attributes['oauth.token.subject']).toBe(claims.sub)
    expect(attributes).not.toHaveProperty(['user.hash'])
    expect(userHash).toBeUndefined()
    expect(session.rule).toBe('token')
  })

  it('is not seen where a subject is there in a form that none has', () => {
    for (const sub of [7, {}, ['alice'], '', 'x'.repeat(1_025), '\ud800']) {
      const { attributes } = factsOf({ ...CLAIMS, sub })
      expect(attributes['oauth.token.subject_type']).toBe('unknown')
      expect(attributes).not.toHaveProperty(['user.hash'])
    }
  })

  it('is not seen where a library may have kept the subject to itself', () => {
    const { attributes } = factsOf({ client_id: 'c' }, { method: 'lookup' })
    expect(attributes['oauth.token.subject_type']).toBe('unknown')
  })
})

describe('delegation', () => {
  it('names the current actor, and the chain behind it', () => {
    const act = {
      sub: 'bob',
      client_id: 'agent-1',
      act: { sub: 'alice', act: { sub: 'c2', client_id: 'c2' } },
    }
    const { attributes, identities } = factsOf({ ...CLAIMS, act })
    const bob = pseudonyms.pseudonymOf('sub', AS, 'bob')
    expect(attributes).toMatchObject({
      'oauth.token.subject': ALICE,
      'oauth.actor.subject': bob,
      'oauth.actor.client.id': 'agent-1',
      'oauth.actor.chain': [bob, ALICE, 'c2'],
    })
    expect(identities.map(({ value }) => value)).toContain('bob')
  })

  it('belongs to the issuer that the actor names', () => {
    const act = { sub: 'bob', iss: 'https://other.example.com' }
    expect(attributesOf({ ...CLAIMS, act })['oauth.actor.subject']).toBe(
      pseudonyms.pseudonymOf('sub', 'https://other.example.com', 'bob'),
    )
  })

  it('ends after eight actors, however deep it is', () => {
    let act: object = { sub: 'last' }
    for (let depth = 0; depth < 10_000; depth++) act = { sub: `a${depth}`, act }
    expect(attributesOf({ ...CLAIMS, act })['oauth.actor.chain']).toHaveLength(8)
  })
})

describe('naming people', () => {
  const named = (identification: 'plain' | 'off'): TokenFacts =>
    readTokenFacts(verifiedWith(CLAIMS), 'fingerprint', {
      pseudonyms,
      identification,
      profileOf: createProfileFinder(),
    })

  it('in clear shows the subject, and keeps the hash for joins', () => {
    expect(named('plain').attributes).toMatchObject({
      'oauth.token.subject': 'alice',
      'user.hash': ALICE,
    })
  })

  it('not at all shows neither, and keeps the session', () => {
    const { attributes, identities, session } = named('off')
    expect(attributes).not.toHaveProperty(['oauth.token.subject'])
    expect(attributes).not.toHaveProperty(['user.hash'])
    expect(identities.filter(({ kind }) => kind === 'sub')).toStrictEqual([])
    expect(session).toStrictEqual(factsOf(CLAIMS).session)
  })
})

describe('hostile claims', () => {
  const { optionalAttributes, requiredAttributes } = EVENTS['oauth.token.observed']
  const allowed = new Set<string>([...optionalAttributes, ...requiredAttributes])
  const anything = fc.oneof(
    fc.anything({ withBigInt: true, withNullPrototype: true, withSparseArray: true }),
    anyText,
    fc.array(anyText),
    fc.constant('x'.repeat(100_000)),
    fc.constant(Array.from({ length: 10_000 }, () => 'scope')),
  )
  const names = [
    'iss',
    'sub',
    'aud',
    'exp',
    'iat',
    'jti',
    'client_id',
    'azp',
    'scope',
    'scp',
    'sid',
    'auth_time',
    'acr',
    'amr',
    'cnf',
    'act',
    'gty',
    'grant_id',
    'email',
    '__proto__',
    'constructor',
  ]

  it('never throw, and give no attribute that the registry does not list', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), anything), anyText, (claims, token) => {
        const { attributes } = factsOf(claims, { token })
        for (const name of Object.keys(attributes)) expect(allowed).toContain(name)
      }),
    )
  })

  it('never name a person but the subject', () => {
    fc.assert(
      fc.property(anything, anything, (sub, issuer) => {
        const { userHash } = factsOf({ sub, iss: issuer })
        if (userHash === undefined) return
        expect(typeof sub).toBe('string')
        const known = typeof issuer === 'string' && issuer.isWellFormed() && issuer.length <= 1_024
        expect(userHash).toBe(pseudonyms.pseudonymOf('sub', known ? issuer : '', sub as string))
      }),
    )
  })

  it('are not read from a prototype', () => {
    const claims = Object.create({ sub: 'mallory', iss: AS, client_id: 'm' }) as VerifiedClaims
    expect(factsOf(claims).userHash).toBeUndefined()
    const parsed = JSON.parse('{"__proto__":{"sub":"mallory"},"client_id":"c"}') as VerifiedClaims
    expect(factsOf(Object.assign({}, parsed)).userHash).toBeUndefined()
  })

  it('do not make one person of two that are not well-formed', () => {
    expect(factsOf({ ...CLAIMS, sub: 'a\ud800' }).userHash).toBeUndefined()
    expect(factsOf({ ...CLAIMS, sub: 'a\udbff' }).userHash).toBeUndefined()
  })
})
