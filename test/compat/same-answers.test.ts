import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange } from './servers/raw-exchange.ts'
import { environmentFor, type Issuer, PRESENTED, startIssuer } from './support/issuer.ts'
import { type StartOptions, startApplication } from './support/recorded-application.ts'

/** Applications over each library, as they verify tokens from the issuer's keys. */
const APPLICATIONS = [
  'jose-4/required.cjs',
  'jose-5/deep.mjs',
  'jose-6/compact.mjs',
  'jsonwebtoken/synchronous.mjs',
  'jsonwebtoken/callback.cjs',
  'jsonwebtoken/key-function.mjs',
  'passport/jwt.mjs',
  'passport/jwt.cjs',
  'passport/bearer-over-jose.mjs',
  'nestjs-11/guarded.mjs',
  'nestjs-12/guarded.mjs',
  'nestjs-12/jwt-service.mjs',
  'express-oauth2-jwt-bearer/server.mjs',
  'oauth4webapi/jwt.mjs',
  'fast-jwt/verifier.mjs',
  'fast-jwt/key-function.cjs',
  'fast-jwt/fastify.mjs',
  'fast-jwt/fastify.cjs',
  'hono/jwt.mjs',
  'hono/jwk.cjs',
  'hono/verify.mjs',
  'hono/bearer-over-jose.mjs',
  'aws-jwt-verify/verifier.mjs',
  'aws-jwt-verify/scope.cjs',
  'okta-jwt-verifier/verifier.mjs',
  'okta-jwt-verifier/asserting.cjs',
  'mcp-1/over-jose.mjs',
  'mcp-2/over-jose.mjs',
]

/** Requests that are none of RFC 6750, or carry more than libraries expect. */
const ODD = ['Bearer', 'Bearer a b', 'Basic YTpi', `Bearer ${'a'.repeat(6_000)}`, 'Bearer e30.e30.']

let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer()
})
afterAll(() => issuer.close())

async function answersOf(file: string, options: StartOptions = {}): Promise<readonly string[]> {
  // Express shows the whole stack of an error elsewhere, of which the first line alone is the same.
  const env = { ...environmentFor(issuer), NODE_ENV: 'production' }
  const application = await startApplication(file, { ...options, env })
  try {
    const answers: string[] = []
    for (const presented of PRESENTED) {
      const token = issuer.tokenOf(presented)
      answers.push(await exchange(application.url, { path: '/v1/orders/7', token }))
    }
    for (const authorization of ODD) {
      const headers = { Authorization: authorization }
      answers.push(await exchange(application.url, { path: '/v1/orders/7', headers }))
    }
    return answers
  } finally {
    await application.close()
  }
}

describe.each(APPLICATIONS)('%s', (file) => {
  it('answers the same, byte for byte, whether it is recorded or not', async () => {
    const plain = await answersOf(file, { flags: [] })
    expect(plain).toHaveLength(PRESENTED.length + ODD.length)
    expect(plain[0]).toMatch(/^HTTP\/1\.1 200 /)
    expect(await answersOf(file)).toEqual(plain)
  })
})
