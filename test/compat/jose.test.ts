import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { EncryptJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../e2e/support/send.ts'
import { describeApplication } from './support/describe-application.ts'
import { expectIdentified, expectNothingForged, expectRefused } from './support/expect-record.ts'
import {
  AUDIENCE,
  CLIENT,
  environmentFor,
  FORGED_SUBJECT,
  type Issuer,
  startIssuer,
  SUBJECT,
} from './support/issuer.ts'
import { present } from './support/present.ts'
import { type RecordedRun, startApplication } from './support/recorded-application.ts'

const verify = { library: 'jose', hook: 'jose.jwtVerify' }

for (const version of [4, 5, 6]) {
  describeApplication(`jose-${version}/esm.mjs`, verify)
  describeApplication(`jose-${version}/required.cjs`, verify)
  describeApplication(`jose-${version}/compact.mjs`, {
    library: 'jose',
    hook: 'jose.compactVerify',
    // What the application itself finds in the claims, it tells nobody.
    hooks: { expired: 'http', not_yet_valid: 'http', wrong_audience: 'http', wrong_issuer: 'http' },
    reasons: {
      expired: 'unknown',
      not_yet_valid: 'unknown',
      wrong_audience: 'unknown',
      wrong_issuer: 'unknown',
    },
  })
}
for (const version of [5, 6]) {
  describeApplication(`jose-${version}/deep.mjs`, verify)
  describeApplication(`jose-${version}/deep.cjs`, verify)
}

describe.each([4, 5, 6])('a remote key set of jose %i that cannot be fetched', (version) => {
  it('is why a good token was refused', async () => {
    const issuer = await startIssuer()
    // Its port is free again, so nobody answers there.
    await issuer.close()
    const application = await startApplication(`jose-${version}/esm.mjs`, {
      env: environmentFor(issuer),
    })
    try {
      await present(application.url, issuer, 'good')
      const { requests } = await application.stop()
      expect(requests).toHaveLength(1)
      expectRefused(requests[0]?.attributes ?? {}, 'verifier_unavailable')
      expect(requests[0]?.attributes).not.toHaveProperty('oauth.client.id')
    } finally {
      await application.close()
    }
  })
})

describe.each([4, 5, 6])('encrypted tokens of jose %i', (version) => {
  const secret = randomBytes(32)
  const pair = generateKeyPairSync('rsa', { modulusLength: 2_048 })
  const now = Math.floor(Date.now() / 1_000)
  const tokens: string[] = []
  let run: RecordedRun

  beforeAll(async () => {
    const issuer = await startIssuer()
    tokens.push(...(await encryptAll(issuer)))
    const application = await startApplication(`jose-${version}/encrypted.mjs`, {
      env: {
        ...environmentFor(issuer),
        FIXTURE_SECRET: secret.toString('base64url'),
        FIXTURE_PRIVATE_KEY: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      },
    })
    try {
      for (const token of tokens) await send(application.url, { headers: bearer(token) })
      run = await application.stop()
    } finally {
      await application.close()
      await issuer.close()
    }
  })

  function encryptAll(issuer: Issuer): Promise<readonly string[]> {
    const good = { iss: issuer.url, sub: SUBJECT, client_id: CLIENT, exp: now + 300 }
    const claims = { ...good, aud: AUDIENCE, scope: 'orders:read', iat: now }
    const expired = { ...claims, exp: now - 300 }
    return Promise.all([
      encrypt(claims, 'dir', secret),
      encrypt(expired, 'dir', secret),
      encrypt(claims, 'dir', randomBytes(32)),
      encrypt({ ...claims, sub: FORGED_SUBJECT }, 'RSA-OAEP-256', pair.publicKey),
      encrypt({ ...expired, sub: FORGED_SUBJECT }, 'RSA-OAEP-256', pair.publicKey),
    ])
  }

  const attributesOf = (index: number): Readonly<Record<string, unknown>> =>
    run.requests[index]?.attributes ?? {}

  it('are proven by the secret that they were encrypted with', () => {
    expect(run.requests).toHaveLength(5)
    expectIdentified(run, attributesOf(0))
  })

  it('tell why they were refused', () => {
    expectRefused(attributesOf(1), 'expired')
    expectRefused(attributesOf(2), 'bad_signature')
    expectRefused(attributesOf(4), 'expired')
    // Jose 4 does not show what it decrypted together with the error.
    expect(attributesOf(1)['oauth.client.id']).toBe(version === 4 ? undefined : CLIENT)
  })

  it('prove nothing where anybody could encrypt them', () => {
    expect(attributesOf(3)).toMatchObject({ 'oauth.decision': 'allow' })
    expect(attributesOf(3)).not.toHaveProperty('oauth.client.id')
    expect(attributesOf(4)).not.toHaveProperty('oauth.client.id')
    expectNothingForged(run, tokens)
  })
})

type EncryptionKey = Parameters<EncryptJWT['encrypt']>[0]

function encrypt(
  claims: Readonly<Record<string, unknown>>,
  alg: string,
  key: EncryptionKey,
): Promise<string> {
  return new EncryptJWT(claims).setProtectedHeader({ alg, enc: 'A256GCM' }).encrypt(key)
}
