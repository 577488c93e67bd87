import fc from 'fast-check'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import { readTokenForm } from '../../src/verification/token-form.ts'
import { createTokenVerifier, type TokenVerifier } from '../../src/verification/token-verifier.ts'
import type { Verdict } from '../../src/verification/verdict.ts'
import { fingerprint } from './verifier-rig.ts'

const ISSUER = 'https://as.example.com'
const { privateKey, publicKey } = await generateKeyPair('ES256')
const jwk = { ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }
const good = await new SignJWT({ iss: ISSUER, sub: 'alice', client_id: 'app' })
  .setProtectedHeader({ alg: 'ES256', kid: 'k' })
  .setExpirationTime('1h')
  .sign(privateKey)

interface Judged {
  readonly verifier: TokenVerifier
  readonly verdicts: Verdict[]
  readonly faults: unknown[]
  /** What was fetched, but for the keys. */
  readonly fetched: string[]
}

function start(): Judged {
  const verdicts: Verdict[] = []
  const faults: unknown[] = []
  const fetched: string[] = []
  const jwksUri = `${ISSUER}/jwks`
  const verifier = createTokenVerifier({
    issuers: [{ issuer: ISSUER, jwksUri }],
    fingerprint,
    clock: { unixNanos: () => BigInt(Date.now()) * 1_000_000n },
    readFile: () => Promise.reject(new Error('nothing to read')),
    fetch(url) {
      if (url !== jwksUri) fetched.push(url)
      return Promise.resolve(new Response(JSON.stringify({ keys: [jwk] })))
    },
    onFault: (error) => faults.push(error),
  })
  return { verifier, verdicts, faults, fetched }
}

async function judge(tokens: readonly string[]): Promise<Judged> {
  const judged = start()
  for (const token of tokens) {
    judged.verifier.begin(token, (verdict) => judged.verdicts.push(verdict))
  }
  // The last one is good, so when it is judged all others have begun before it.
  await new Promise<void>((resolve) => void judged.verifier.begin(good, () => resolve()))
  await new Promise((resolve) => setImmediate(resolve))
  judged.verifier.close()
  return judged
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const segment = fc.oneof(
  fc.base64String({ maxLength: 200 }),
  fc.string({ maxLength: 50 }),
  fc.json({ maxDepth: 8 }).map((json) => Buffer.from(json).toString('base64url')),
)
const header = fc
  .record(
    {
      alg: fc.oneof(
        fc.constantFrom('none', 'HS256', 'ES256', 'RS256', '__proto__'),
        fc.jsonValue(),
      ),
      kid: fc.oneof(fc.constant('k'), fc.jsonValue()),
      typ: fc.jsonValue(),
      crit: fc.jsonValue(),
      jwk: fc.constant(jwk),
      jku: fc.webUrl(),
      x5u: fc.webUrl(),
      b64: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .map(encode)
const payload = fc
  .dictionary(fc.string(), fc.jsonValue())
  .map((claims) => encode({ ...claims, iss: ISSUER, sub: 'mallory', exp: 4_102_444_800 }))
const hostile = fc.oneof(
  fc.string({ maxLength: 100 }),
  fc.array(segment, { minLength: 1, maxLength: 6 }).map((segments) => segments.join('.')),
  fc.tuple(header, payload, segment).map((segments) => segments.join('.')),
  fc.tuple(header, fc.constant(good)).map(([head, token]) => {
    const [, ...rest] = token.split('.')
    return [head, ...rest].join('.')
  }),
  fc
    .tuple(fc.nat(good.length - 1), fc.constantFrom('A', 'b', '.', '=', ' '))
    .map(([at, letter]) => {
      return good.slice(0, at) + letter + good.slice(at + 1)
    }),
)

describe('a hostile token', () => {
  it('is never taken for anybody, fetches nothing, and breaks nothing', async () => {
    let refused = 0
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { maxLength: 40 }), async (tokens) => {
        const { faults, fetched, verdicts } = await judge(tokens)
        expect({ faults, fetched }).toEqual({ faults: [], fetched: [] })
        refused += verdicts.filter(({ kind }) => kind === 'refused').length
        const subjects = verdicts.flatMap((verdict) =>
          verdict.kind === 'verified' ? verdict.claims.sub : (verdict.provenClaims?.sub ?? []),
        )
        expect(new Set(subjects)).toEqual(new Set(subjects.length === 0 ? [] : ['alice']))
      }),
      { numRuns: 60 },
    )
    expect(refused).toBeGreaterThan(100)
  })

  it('of any size is let be or judged in a moment', async () => {
    const deep = `${'{"act":'.repeat(2_000)}1${'}'.repeat(2_000)}`
    const nested = Buffer.from(`{"iss":"${ISSUER}","act":${deep}}`).toString('base64url')
    const tokens = ['x'.repeat(1_000_000), `${encode({ alg: 'ES256' })}.${nested}.AAAA`]
    const { faults, verdicts } = await judge(tokens)
    expect(faults).toEqual([])
    expect(verdicts.filter(({ kind }) => kind === 'verified')).toEqual([])
  })

  it('has a form, whatever it is', () => {
    fc.assert(
      fc.property(hostile, (token) => {
        const { claimedIssuer, isJwt } = readTokenForm(token)
        expect(isJwt || claimedIssuer === undefined).toBe(true)
      }),
    )
  })
})
