import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../e2e/support/send.ts'
import { describeApplication } from './support/describe-application.ts'
import { expectIdentified, expectNothingForged, expectRefused } from './support/expect-record.ts'
import { CLIENT, environmentFor, startIssuer } from './support/issuer.ts'
import { type RecordedRun, startApplication } from './support/recorded-application.ts'

const HOOK = 'express-oauth2-jwt-bearer'
const expected = {
  library: HOOK,
  // The innermost knows best: jose for the signature and the times.
  hook: 'jose.jwtVerify',
  hooks: {
    wrong_audience: `${HOOK}.auth`,
    wrong_issuer: `${HOOK}.auth`,
    insufficient_scope: `${HOOK}.requiredScopes`,
    missing: `${HOOK}.auth`,
  },
}

describeApplication('express-oauth2-jwt-bearer/server.mjs', {
  ...expected,
  // The algorithm in its header is looked at before jose sees the token.
  hooks: { ...expected.hooks, malformed: `${HOOK}.auth` },
})
describeApplication('express-oauth2-jwt-bearer/server.cjs', expected)

describe('what express-oauth2-jwt-bearer checks after the signature', () => {
  let records: readonly Readonly<Record<string, unknown>>[] = []
  const REQUESTS = ['/v1/any', '/v1/check', '/v1/equals', '/v1/includes', '/v1/quiet']

  beforeAll(async () => {
    const issuer = await startIssuer()
    const application = await startApplication('express-oauth2-jwt-bearer/server.mjs', {
      env: environmentFor(issuer),
    })
    const token = await issuer.sign({ scope: 'orders:read', tenant: 'other', roles: ['clerk'] })
    try {
      for (const path of REQUESTS) await send(application.url, { path, headers: bearer(token) })
      await send(application.url, { path: '/v1/check', headers: { authorization: 'Bearer' } })
      const bound = await issuer.sign({ cnf: { jkt: 'x' } })
      await send(application.url, { path: '/v1/orders/7', headers: bearer(bound) })
      const { requests } = await application.stop()
      records = requests.map(({ attributes }) => attributes ?? {})
    } finally {
      await application.close()
      await issuer.close()
    }
  })

  it('records each request once', () => expect(records).toHaveLength(REQUESTS.length + 2))

  it('names the scopes of which one is missing', () => {
    expectRefused(records[0] ?? {}, 'insufficient_scope')
    expect(records[0]).toMatchObject({
      'oauth.error.code': 'insufficient_scope',
      'oauth.required_scopes': ['reports:read', 'reports:write'],
      'oauth.missing_scopes': ['reports:read', 'reports:write'],
      'oauth.client.id': CLIENT,
      'tokentrail.capture.hook': `${HOOK}.scopeIncludesAny`,
    })
  })

  it.each([
    [1, 'claimCheck'],
    [2, 'claimEquals'],
    [3, 'claimIncludes'],
  ])('says that a claim was not the right one: %i, %s', (index, name) => {
    expectRefused(records[index] ?? {}, 'wrong_claim')
    expect(records[index]).toMatchObject({
      'oauth.error.code': 'invalid_token',
      'oauth.client.id': CLIENT,
      'tokentrail.capture.hook': `${HOOK}.${name}`,
    })
  })

  it('names the scopes although the response does not', () => {
    expectRefused(records[4] ?? {}, 'insufficient_scope')
    expect(records[4]).toMatchObject({
      'oauth.error.code': 'insufficient_scope',
      'oauth.missing_scopes': ['reports:read'],
    })
  })

  it('tells a request that is none of RFC 6750', () => {
    expectRefused(records[5] ?? {}, 'malformed')
    expect(records[5]).not.toHaveProperty('oauth.client.id')
  })

  it('tells a bound token that came without its proof', () => {
    expectRefused(records[6] ?? {}, 'binding_mismatch')
    expect(records[6]).toMatchObject({ 'oauth.client.id': CLIENT })
  })
})

describe('a token that is bound to a key (RFC 9449)', () => {
  const proofs: string[] = []
  let run: RecordedRun
  let token = ''

  beforeAll(async () => {
    const issuer = await startIssuer()
    const application = await startApplication('express-oauth2-jwt-bearer/server.mjs', {
      env: environmentFor(issuer),
    })
    const { privateKey, publicKey } = await generateKeyPair('ES256')
    const jwk = await exportJWK(publicKey)
    token = await issuer.sign({ cnf: { jkt: await calculateJwkThumbprint(jwk) } })
    const ath = createHash('sha256').update(token).digest('base64url')
    const prove = (htm: string): Promise<string> =>
      new SignJWT({ htm, htu: `${application.url}/v1/orders/7`, ath, jti: randomUUID() })
        .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
        .setIssuedAt()
        .sign(privateKey)
    try {
      for (const method of ['GET', 'POST']) {
        const proof = await prove(method)
        proofs.push(proof)
        const headers = { authorization: `DPoP ${token}`, dpop: proof }
        await send(application.url, { path: '/v1/orders/7', headers })
      }
      run = await application.stop()
    } finally {
      await application.close()
      await issuer.close()
    }
  })

  it('is recorded with its binding', () => {
    expect(run.requests).toHaveLength(2)
    expectIdentified(run, run.requests[0]?.attributes ?? {})
    const observed = run.records.find(({ type }) => type === 'oauth.token.observed')
    expect(observed?.attributes).toMatchObject({ 'oauth.token.binding.method': 'dpop' })
  })

  it('is refused with a proof for another request', () => {
    const attributes = run.requests[1]?.attributes ?? {}
    expectRefused(attributes, 'proof_invalid')
    expect(attributes).toMatchObject({
      'oauth.error.code': 'invalid_dpop_proof',
      'oauth.client.id': CLIENT,
      'tokentrail.capture.hook': `${HOOK}.auth`,
    })
  })

  it('leaves neither token nor proof behind', () => expectNothingForged(run, [token, ...proofs]))
})
