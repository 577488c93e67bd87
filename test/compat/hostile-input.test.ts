import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exchange, statusOf } from './servers/raw-exchange.ts'
import {
  AUDIENCE,
  CLIENT,
  environmentFor,
  FORGED_SUBJECT,
  type Issuer,
  startIssuer,
} from './support/issuer.ts'
import {
  PRELOAD,
  type RecordedApplication,
  type RecordedRun,
  startApplication,
} from './support/recorded-application.ts'

/** Node refuses more than 16 KiB of header; with this, a header of 1 MB reaches the application. */
const FLAGS = ['--max-http-header-size=4194304', '--import', PRELOAD]

const MAX_RECORD_BYTES = 8_000
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const nest = (depth: number, leaf: unknown): unknown => {
  let value = leaf
  for (let level = 0; level < depth; level += 1) value = { act: value, sub: 'x' }
  return value
}

/** Claims of tokens that the issuer has signed: proven, and chosen by an attacker all the same. */
const SIGNED: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'a subject of 300 kB': { sub: 'x'.repeat(300_000) },
  'a subject that is a number': { sub: 42 },
  'a subject with line breaks and controls': { sub: 'a\r\nFORGED: record\u0000\u001b[31m' },
  'a subject of half a surrogate pair': { sub: 'a\ud800b' },
  'scopes that are objects': { scope: { toString: 'orders:read' } },
  'scopes in a list of everything': { scope: ['orders:read', 7, null, { a: 1 }, ['b']] },
  'fifty thousand scopes': { scope: Array.from({ length: 50_000 }, (_, i) => `s${i}`).join(' ') },
  'ten thousand audiences': {
    aud: [AUDIENCE, ...Array.from({ length: 10_000 }, (_, i) => `a${i}`)],
  },
  'an actor within an actor, a thousand deep': { act: nest(1_000, { sub: 'y' }) },
  'a client that is a list': { client_id: ['one', 'two'], azp: 'third' },
  'a session that is an object': { sid: { id: 1 } },
  'times that are none': { auth_time: 'yesterday', iat: 1e300, nbf: -1e300 },
  'a confirmation that is a text': { cnf: 'jkt' },
  'names of the prototype': JSON.parse(
    '{"__proto__":{"sub":"polluted"},"constructor":{"prototype":{"polluted":1}},"scope":"a"}',
  ) as Record<string, unknown>,
}

/** What may stand in `Authorization` without being a token of anybody. */
const UNSIGNED: Readonly<Record<string, string>> = {
  'alg none': `Bearer ${encode({ alg: 'none' })}.${encode({ sub: FORGED_SUBJECT })}.`,
  'alg None with a signature': `Bearer ${encode({ alg: 'None' })}.${encode({ sub: FORGED_SUBJECT })}.AAAA`,
  'a header of 500 kB': `Bearer ${encode({ alg: 'RS256', kid: 'k'.repeat(350_000) })}.e30.AAAA`,
  'a key id with line breaks': `Bearer ${encode({ alg: 'RS256', kid: 'a\r\nb' })}.e30.AAAA`,
  'header names of the prototype': `Bearer ${Buffer.from('{"alg":"RS256","__proto__":{"kid":"x"}}').toString('base64url')}.e30.AAAA`,
  'a header that is a list': `Bearer ${encode([1, 2])}.e30.AAAA`,
  'a header that is no JSON': 'Bearer AAAA.BBBB.CCCC',
  'five dots': 'Bearer a.b.c.d.e.f',
  'only dots': 'Bearer ..',
  'an opaque token of 1 MB': `Bearer ${'t'.repeat(1_000_000)}`,
  'bytes that are no UTF-8': 'Bearer \xff\xfe\xc3(',
  'a tab and spaces': 'Bearer \t  x y  z',
  'no scheme': 'x'.repeat(100),
  'an empty token': 'Bearer ',
  'many schemes': 'Bearer, DPoP, Basic a=b, Digest x="y',
}

let issuer: Issuer
let run: RecordedRun
const statuses = new Map<string, number>()

async function send(
  application: RecordedApplication,
  what: string,
  authorization: string,
): Promise<void> {
  const path = `/${encodeURIComponent(what)}`
  const response = await exchange(application.url, {
    path,
    headers: { Authorization: authorization },
  })
  statuses.set(what, statusOf(response))
}

beforeAll(async () => {
  issuer = await startIssuer()
  const application = await startApplication('jose-6/esm.mjs', {
    env: environmentFor(issuer),
    flags: FLAGS,
  })
  try {
    for (const [what, claims] of Object.entries(SIGNED)) {
      await send(application, what, `Bearer ${await issuer.sign(claims)}`)
    }
    for (const [what, authorization] of Object.entries(UNSIGNED)) {
      await send(application, what, authorization)
    }
    await send(application, 'good', `Bearer ${issuer.tokenOf('good')}`)
    run = await application.stop()
  } finally {
    await application.close()
  }
})
afterAll(() => issuer.close())

describe('an application under hostile input', () => {
  it.each([...Object.keys(SIGNED), ...Object.keys(UNSIGNED)])('answers %s', (what) => {
    expect([200, 401, 403]).toContain(statuses.get(what))
  })

  it('still serves and records everybody else', () => {
    expect(statuses.get('good')).toBe(200)
    const { attributes } = run.requests.at(-1) ?? {}
    expect(attributes).toMatchObject({ 'oauth.decision': 'allow', 'oauth.client.id': CLIENT })
    expect(run.ended.signal).toBe('SIGTERM')
  })

  it('records each request once', () => {
    expect(run.requests).toHaveLength(statuses.size)
  })

  it('keeps every record within its bounds and on one line', () => {
    for (const text of run.texts) {
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_RECORD_BYTES)
      expect(text).not.toMatch(/[\r\n]/)
      expect(text.isWellFormed()).toBe(true)
    }
  })

  it('names nobody by what is not proven, nor by what hides in a prototype', () => {
    const everything = run.texts.join('\n') + run.output
    expect(everything).not.toContain(FORGED_SUBJECT)
    expect(everything).not.toContain('polluted')
  })

  it('prints nothing but lines of its own', () => {
    for (const line of run.output.trim().split('\n'))
      expect(line).toMatch(/^(?:tokentrail: |served on )/)
  })
})

describe('tokens made at random', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('__proto__', '', 'sub', 'RS256'),
  )
  const json = fc.anything({ key: text, values: [text, fc.double(), fc.boolean()], maxDepth: 4 })
  const forged = fc
    .tuple(fc.dictionary(text, json), fc.dictionary(text, json), fc.base64String())
    .map(([header, payload, signature]) =>
      [encode({ alg: 'RS256', kid: 'known', ...header }), encode(payload), signature].join('.'),
    )

  it('are answered and recorded, each once, and name nobody', async () => {
    const application = await startApplication('jose-6/esm.mjs', { env: environmentFor(issuer) })
    let sent = 0
    try {
      await fc.assert(
        fc.asyncProperty(fc.oneof(forged, fc.webUrl(), fc.base64String()), async (token) => {
          if (Buffer.byteLength(token) > 8_000 || token === '') return
          sent += 1
          const response = await exchange(application.url, { path: '/', token })
          expect(statusOf(response)).toBe(401)
        }),
        { numRuns: 300 },
      )
      const recorded = await application.stop()
      expect(recorded.requests).toHaveLength(sent)
      for (const { attributes, type } of recorded.requests) {
        expect(type).toBe('oauth.request.rejected')
        expect(attributes).not.toHaveProperty('user.hash')
        expect(attributes).not.toHaveProperty('oauth.client.id')
      }
    } finally {
      await application.close()
    }
  })

  it('of the issuer itself are recorded within bounds, whatever they claim', async () => {
    const application = await startApplication('jose-6/esm.mjs', { env: environmentFor(issuer) })
    try {
      await fc.assert(
        fc.asyncProperty(fc.dictionary(text, json, { maxKeys: 12 }), async (claims) => {
          const token = await issuer.sign(
            JSON.parse(JSON.stringify(claims)) as Record<string, unknown>,
          )
          if (token.length > 14_000) return
          const response = await exchange(application.url, { path: '/', token })
          expect([200, 401, 403]).toContain(statusOf(response))
        }),
        { numRuns: 200 },
      )
      const recorded = await application.stop()
      for (const delivered of recorded.texts) {
        expect(Buffer.byteLength(delivered)).toBeLessThanOrEqual(MAX_RECORD_BYTES)
      }
    } finally {
      await application.close()
    }
  })
})
