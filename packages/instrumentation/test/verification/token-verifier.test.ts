import { AsyncLocalStorage } from 'node:async_hooks'
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'
import type { Context, ContextManager } from '@opentelemetry/api'
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createTokenVerifier } from '../../src/verification/token-verifier.ts'
import { isOwnWork } from '../../src/verification/own-work.ts'
import { startIssuer } from './local-issuer.ts'
import { fingerprint, startVerifier } from './verifier-rig.ts'

const HOUR = 3_600_000

describe('a JWT of a named issuer', () => {
  it('is verified by the keys that its metadata point to', async () => {
    const issuer = await startIssuer()
    const { find, verifier } = startVerifier([{ issuer: issuer.issuer }])
    expect(verifier.states()).toMatchObject([{ state: 'waiting', verified: 0 }])
    const verdict = await find(await issuer.sign({ sid: 'sid-1', email: 'alice@example.com' }))
    expect(verdict).toMatchObject({
      kind: 'verified',
      hook: 'recorder.jwt',
      algorithm: 'ES256',
      keyId: 'first',
      claims: { iss: issuer.issuer, sub: 'alice', sid: 'sid-1' },
    })
    expect(verdict).not.toHaveProperty('claims.email')
    expect(issuer.requests).toEqual(['GET /.well-known/openid-configuration', 'GET /jwks'])
    expect(verifier.states()).toMatchObject([{ state: 'ready', keys: 1, verified: 1 }])
  })

  it('is known from then on, by its fingerprint, until it expires', async () => {
    const issuer = await startIssuer()
    const rig = startVerifier([{ issuer: issuer.issuer }])
    const token = await issuer.sign()
    await rig.find(token)
    const known = rig.verifier.begin(token, () => {})
    expect(known).toMatchObject({ fingerprint: fingerprint(token), verdict: { kind: 'verified' } })
    rig.skewMillis = HOUR + 61_000
    expect(rig.verifier.begin(token, () => {})).not.toHaveProperty('verdict')
    expect(await rig.find(token)).toMatchObject({ kind: 'refused', reason: 'expired' })
  })

  it('is verified once, however many requests bring it at the same time', async () => {
    const issuer = await startIssuer()
    const { verifier } = startVerifier([{ issuer: issuer.issuer }])
    const token = await issuer.sign()
    const verdicts = await Promise.all(
      Array.from({ length: 50 }, () => new Promise((tell) => void verifier.begin(token, tell))),
    )
    expect(new Set(verdicts).size).toBe(1)
    expect(verifier.states()).toMatchObject([{ verified: 1 }])
    expect(issuer.requests).toHaveLength(2)
  })

  it('has a bounded number of requests wait for it, and takes others again afterwards', async () => {
    const issuer = await startIssuer()
    const { verifier } = startVerifier([{ issuer: issuer.issuer }])
    const tokens = await Promise.all(
      Array.from({ length: 6 }, (_, jti) => issuer.sign({ jti: `t-${jti}` })),
    )
    const told: string[] = []
    let answer = (): void => {}
    const isAnswering = new Promise<void>((resolve) => (answer = resolve))
    for (const token of tokens) {
      for (let i = 0; i < 1_500; i++) {
        verifier.begin(token, () => {
          told.push(token)
          answer()
        })
      }
    }
    await isAnswering
    await Promise.all(
      (await Promise.all([7, 8].map((jti) => issuer.sign({ jti: `t-${jti}` })))).map(
        (token) => new Promise((tell) => void verifier.begin(token, tell)),
      ),
    )
    // The one that each token is verified for, and all that may wait beside.
    expect(told.length).toBeLessThanOrEqual(4_006)
    expect(told.length).toBeGreaterThan(3_000)
    expect(new Set(told).size).toBe(6)
    expect(verifier.states()).toMatchObject([{ verified: 8 }])
  })

  it('with a path in the issuer finds metadata and keys too', async () => {
    const issuer = await startIssuer('/realms/demo')
    const { find } = startVerifier([{ issuer: issuer.issuer }])
    expect(await find(await issuer.sign())).toMatchObject({ kind: 'verified' })
    expect(issuer.requests[0]).toBe('GET /realms/demo/.well-known/openid-configuration')
  })

  it('finds metadata of RFC 8414, and no metadata where the keys are named', async () => {
    const issuer = await startIssuer('/tenant')
    const { metadata } = issuer
    issuer.answer = (request, response) => {
      const isServer = request.url === '/.well-known/oauth-authorization-server/tenant'
      if (isServer) issuer.answer = undefined
      response.writeHead(isServer ? 200 : 404).end(isServer ? JSON.stringify(metadata) : undefined)
    }
    const discovered = startVerifier([{ issuer: issuer.issuer }])
    expect(await discovered.find(await issuer.sign())).toMatchObject({ kind: 'verified' })
    issuer.requests.length = 0
    const named = startVerifier([{ issuer: issuer.issuer, jwksUri: String(metadata['jwks_uri']) }])
    expect(await named.find(await issuer.sign())).toMatchObject({ kind: 'verified' })
    expect(issuer.requests).toEqual(['GET /jwks'])
  })

  it('may say at+jwt or JWT of itself', async () => {
    const issuer = await startIssuer()
    const { find } = startVerifier([{ issuer: issuer.issuer }])
    for (const typ of ['at+jwt', 'application/at+jwt', 'JWT']) {
      expect(await find(await issuer.sign({ jti: typ }, { typ }))).toMatchObject({
        kind: 'verified',
      })
    }
  })
})

describe('a JWT that the recorder would not accept', () => {
  it.each([
    ['expired', { exp: 1_600_000_000 }, {}, true],
    ['wrong_audience', { aud: 'https://other.example.com' }, {}, true],
    ['not_yet_valid', { nbf: 4_000_000_000 }, {}, true],
    ['wrong_type', {}, { typ: 'logout+jwt' }, true],
    ['wrong_type', { typ: 'ID' }, {}, true],
    ['wrong_type', { token_use: 'id' }, {}, true],
  ])('is refused as %s: %o %o, and is proven', async (reason, claims, header, proven) => {
    const issuer = await startIssuer()
    const audience = ['https://api.example.com']
    const { find } = startVerifier([{ issuer: issuer.issuer, audience }])
    const verdict = await find(await issuer.sign({ aud: audience, ...claims }, header))
    expect(verdict).toMatchObject({ kind: 'refused', reason, hook: 'recorder.jwt' })
    expect(verdict !== undefined && 'provenClaims' in verdict).toBe(proven)
  })

  it('is refused where somebody else has signed it, and proves nothing', async () => {
    const issuer = await startIssuer()
    const { find } = startVerifier([{ issuer: issuer.issuer }])
    const [header, payload] = (await issuer.sign()).split('.')
    const forged = (await issuer.sign({ sub: 'mallory' })).split('.')[2]
    const verdict = await find(`${header}.${payload}.${forged}`)
    expect(verdict).toEqual({
      kind: 'refused',
      hook: 'recorder.jwt',
      reason: 'bad_signature',
      keyId: 'first',
      algorithm: 'ES256',
    })
  })

  it('is refused without a signature, and by a shared secret', async () => {
    const issuer = await startIssuer()
    const { find } = startVerifier([{ issuer: issuer.issuer }])
    const claims = { iss: issuer.issuer, sub: 'alice' }
    const none = new UnsecuredJWT(claims).encode()
    const shared = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', kid: 'first' })
      .sign(Buffer.alloc(32, 1))
    expect(await find(none)).toMatchObject({ reason: 'algorithm_not_allowed' })
    expect(await find(shared)).toMatchObject({ reason: 'algorithm_not_allowed' })
  })

  it('is let be where it asks for what is not supported, and that says nothing of the issuer', async () => {
    const issuer = await startIssuer()
    const rig = startVerifier([{ issuer: issuer.issuer }])
    await rig.find(await issuer.sign())
    const [, payload, signature] = (await issuer.sign({ jti: 'other' })).split('.')
    const header = { alg: 'ES256', kid: 'first', crit: ['x'], x: 1 }
    const encoded = Buffer.from(JSON.stringify(header)).toString('base64url')
    expect(await rig.find(`${encoded}.${payload}.${signature}`)).toBeUndefined()
    expect(rig.lines).toEqual([])
    expect(rig.verifier.states()).toMatchObject([{ state: 'ready', undecided: 1 }])
  })

  it('is looked at again after a minute', async () => {
    const issuer = await startIssuer()
    const rig = startVerifier([{ issuer: issuer.issuer }])
    const token = await issuer.sign({ nbf: Math.floor(Date.now() / 1_000) + 200 })
    expect(await rig.find(token)).toMatchObject({ reason: 'not_yet_valid' })
    rig.skewMillis = 200_000
    expect(await rig.find(token)).toMatchObject({ kind: 'verified' })
  })
})

describe('a new key of the issuer', () => {
  it('is fetched when a token names it', async () => {
    const issuer = await startIssuer()
    const rig = startVerifier([{ issuer: issuer.issuer }])
    await rig.find(await issuer.sign())
    await issuer.rotate()
    rig.skewMillis = 31_000
    expect(await rig.find(await issuer.sign({ jti: 'new' }))).toMatchObject({ kind: 'verified' })
  })

  it('is asked for at most every half minute, and until then nothing is held against a token', async () => {
    const issuer = await startIssuer()
    const rig = startVerifier([{ issuer: issuer.issuer }])
    await rig.find(await issuer.sign())
    await issuer.rotate()
    for (let i = 0; i < 5; i += 1) {
      expect(await rig.find(await issuer.sign({ jti: `early-${i}` }))).toBeUndefined()
    }
    expect(issuer.requests.filter((request) => request === 'GET /jwks')).toHaveLength(1)
    expect(rig.verifier.states()).toMatchObject([{ state: 'ready', undecided: 5 }])
    expect(rig.lines).toEqual([])
  })

  it('that the issuer does not know is a key not found', async () => {
    const issuer = await startIssuer()
    const rig = startVerifier([{ issuer: issuer.issuer }])
    await rig.find(await issuer.sign())
    rig.skewMillis = 31_000
    const { privateKey } = await generateKeyPair('ES256')
    const token = await new SignJWT({ iss: issuer.issuer })
      .setProtectedHeader({ alg: 'ES256', kid: 'invented' })
      .sign(privateKey)
    expect(await rig.find(token)).toMatchObject({ reason: 'key_not_found' })
  })

  it('is fetched every ten minutes, and the old ones serve an hour where that fails', async () => {
    const issuer = await startIssuer()
    const rig = startVerifier([{ issuer: issuer.issuer }])
    const claims = { exp: Math.floor(Date.now() / 1_000) + 86_400 }
    await rig.find(await issuer.sign(claims))
    issuer.answer = (_, response) => response.writeHead(503).end()
    rig.skewMillis = 0.9 * HOUR
    const later = await issuer.sign({ ...claims, jti: 'later' })
    expect(await rig.find(later)).toMatchObject({ kind: 'verified' })
    rig.skewMillis = 1.1 * HOUR
    const tooLate = await issuer.sign({ ...claims, jti: 'too late' })
    expect(await rig.find(tooLate)).toBeUndefined()
  })
})

describe('an opaque token', () => {
  const asking = (issuer: string): Parameters<typeof startVerifier>[0] => [
    { issuer, introspection: { clientId: 'recorder:1', clientSecretFile: '/run/secret' } },
  ]

  it('is asked about with the credentials of a client', async () => {
    const issuer = await startIssuer()
    issuer.active.set('opaque-1', { sub: 'alice', client_id: 'app', username: 'Alice' })
    const { find } = startVerifier(asking(issuer.issuer))
    expect(await find('opaque-1')).toMatchObject({
      kind: 'verified',
      hook: 'recorder.introspection',
      claims: { iss: issuer.issuer, sub: 'alice', client_id: 'app' },
    })
    const credentials = Buffer.from('recorder%3A1:s3cret').toString('base64')
    expect(issuer.authorizations).toEqual([`Basic ${credentials}`])
    expect(issuer.requests.at(-1)).toBe('POST /introspect')
  })

  it('that is not active is refused as such', async () => {
    const issuer = await startIssuer()
    const { find } = startVerifier(asking(issuer.issuer))
    expect(await find('opaque-1')).toEqual({
      kind: 'refused',
      hook: 'recorder.introspection',
      reason: 'inactive',
    })
  })

  it('of another issuer or audience is refused', async () => {
    const issuer = await startIssuer()
    issuer.active.set('a', { iss: 'https://other.example.com' })
    issuer.active.set('b', { aud: ['x'] })
    const [options] = asking(issuer.issuer)
    const { find } = startVerifier([{ issuer: issuer.issuer, ...options, audience: ['y'] }])
    expect(await find('a')).toMatchObject({ reason: 'wrong_issuer' })
    expect(await find('b')).toMatchObject({ reason: 'wrong_audience' })
  })

  it('is asked about again after five minutes: it may have been revoked', async () => {
    const issuer = await startIssuer()
    issuer.active.set('opaque-1', { sub: 'alice' })
    const rig = startVerifier(asking(issuer.issuer))
    await rig.find('opaque-1')
    issuer.active.clear()
    rig.skewMillis = 299_000
    expect(await rig.find('opaque-1')).toMatchObject({ kind: 'verified' })
    rig.skewMillis = 301_000
    expect(await rig.find('opaque-1')).toMatchObject({ reason: 'inactive' })
  })

  it('is asked about at several issuers until one knows it', async () => {
    const first = await startIssuer()
    const second = await startIssuer()
    second.active.set('opaque-1', { sub: 'alice' })
    const { find } = startVerifier([...asking(first.issuer), ...asking(second.issuer)])
    expect(await find('opaque-1')).toMatchObject({ claims: { iss: second.issuer } })
  })

  it('is asked about no more for ten seconds after an endpoint gave no answer', async () => {
    const issuer = await startIssuer()
    issuer.active.set('opaque-9', { sub: 'alice' })
    const rig = startVerifier(asking(issuer.issuer))
    await rig.find('opaque-0')
    const asked = issuer.requests.length
    issuer.answer = (_, response) => void response.writeHead(503).end()
    for (let i = 1; i < 9; i += 1) expect(await rig.find(`opaque-${i}`)).toBeUndefined()
    expect(issuer.requests).toHaveLength(asked + 1)
    issuer.answer = undefined
    rig.skewMillis = 11_000
    expect(await rig.find('opaque-9')).toMatchObject({ kind: 'verified' })
  })

  it('is let be where nobody is to be asked, or the secret cannot be read', async () => {
    const issuer = await startIssuer()
    const silent = startVerifier([{ issuer: issuer.issuer }])
    expect(silent.verifier.begin('opaque-1', () => {})).not.toHaveProperty('verdict')
    const readFile = (): Promise<string> => Promise.reject(new Error('ENOENT'))
    const { find, lines } = startVerifier(asking(issuer.issuer), { readFile })
    expect(await find('opaque-1')).toBeUndefined()
    expect(lines.join()).toContain('the secret file /run/secret cannot be read')
    expect(issuer.authorizations).toEqual([])
  })
})

describe('an issuer that does not answer as it should', () => {
  it.each<[string, (response: import('node:http').ServerResponse) => void]>([
    ['it answers 500', (response) => response.writeHead(500).end()],
    ['the request failed', (response) => response.writeHead(302, { location: '/x' }).end()],
    ['an answer that is no JSON', (response) => response.end('<html>')],
    ['an answer that is no JSON object', (response) => response.end('[]')],
    ['an answer of more than 524288 bytes', (response) => response.end('x'.repeat(600_000))],
    ['its metadata names another issuer', (response) => response.end('{"issuer":"https://x"}')],
  ])('costs a line, and is asked no more for a while: %s', async (reason, answer) => {
    const issuer = await startIssuer()
    issuer.answer = (_, response) => answer(response)
    const { find, lines, verifier } = startVerifier([{ issuer: issuer.issuer }])
    for (let i = 0; i < 3; i += 1) {
      expect(await find(await issuer.sign({ jti: String(i) }))).toBeUndefined()
    }
    expect(lines).toEqual([
      `Tokens of ${issuer.issuer} cannot be verified here: ${reason}. Records do without.`,
    ])
    expect(verifier.states()).toMatchObject([{ state: 'unreachable', reason, undecided: 3 }])
    expect(issuer.requests.length).toBeLessThanOrEqual(2)
  })

  it('costs a line when it answers again', async () => {
    const issuer = await startIssuer()
    issuer.answer = (_, response) => response.writeHead(503).end()
    const rig = startVerifier([{ issuer: issuer.issuer }])
    await rig.find(await issuer.sign({ jti: '1' }))
    issuer.answer = undefined
    rig.skewMillis = 31_000
    await rig.find(await issuer.sign({ jti: '2' }))
    expect(rig.lines.at(-1)).toBe(`Tokens of ${issuer.issuer} are verified here again.`)
    expect(rig.verifier.states()[0]?.state).toBe('ready')
  })

  it('now and again costs a line a minute at most', async () => {
    const issuer = await startIssuer()
    const introspection = { clientId: 'a', clientSecretFile: 'b' }
    const rig = startVerifier([{ issuer: issuer.issuer, introspection }])
    for (let i = 0; i < 6; i += 1) {
      issuer.answer = i % 2 === 0 ? undefined : (_, response) => void response.writeHead(400).end()
      await rig.find(`opaque-${i}`)
    }
    expect(rig.lines).toHaveLength(2)
    rig.skewMillis = 61_000
    await rig.find('opaque-7')
    expect(rig.lines).toHaveLength(3)
  })

  it('and is gone says how', async () => {
    const issuer = await startIssuer()
    const token = await issuer.sign()
    await issuer.close()
    const { find, verifier } = startVerifier([{ issuer: issuer.issuer }])
    expect(await find(token)).toBeUndefined()
    expect(verifier.states()).toMatchObject([{ reason: 'ECONNREFUSED' }])
  })
})

function createContextManager(): ContextManager {
  const contexts = new AsyncLocalStorage<Context>()
  return {
    active: () => contexts.getStore() ?? ROOT_CONTEXT,
    with: (active, call, self, ...args) => contexts.run(active, () => call.apply(self, args)),
    bind: (_, target) => target,
    enable() {
      return this
    },
    disable() {
      return this
    },
  }
}

describe('what is not to be found out', () => {
  it('is a token of an issuer that nobody named: nobody is asked', async () => {
    const issuer = await startIssuer()
    const { verifier } = startVerifier([{ issuer: 'https://as.example.com' }])
    const token = await issuer.sign()
    verifier.begin(token, () => {})
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(issuer.requests).toEqual([])
    expect(verifier.states()).toMatchObject([{ state: 'waiting' }])
  })

  it('is more new tokens than a bound, at one time', async () => {
    const issuer = await startIssuer()
    let running = 0
    let most = 0
    const fetch = async (url: string, init: RequestInit): Promise<Response> => {
      running += 1
      most = Math.max(most, running)
      const response = await globalThis.fetch(url, init)
      running -= 1
      return response
    }
    const introspection = { clientId: 'a', clientSecretFile: 'b' }
    const { verifier } = startVerifier([{ issuer: issuer.issuer, introspection }], { fetch })
    let told = 0
    for (let i = 0; i < 3_000; i += 1) verifier.begin(`opaque-${i}`, () => (told += 1))
    await expect.poll(() => told, { timeout: 10_000 }).toBeGreaterThanOrEqual(200)
    expect(most).toBeLessThanOrEqual(8)
    expect(issuer.authorizations.length).toBeLessThan(400)
  })
})

describe('the work of the recorder', () => {
  it('runs in no request, untraced, and its hooks leave it alone', async () => {
    const issuer = await startIssuer()
    const request = new AsyncLocalStorage<string>()
    context.setGlobalContextManager(createContextManager())
    onTestFinished(() => context.disable())
    const suppress = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')
    const seen: unknown[] = []
    const fetch = (url: string, init: RequestInit): Promise<Response> => {
      const isSuppressed = context.active().getValue(suppress)
      seen.push({ request: request.getStore() ?? 'none', isSuppressed, own: isOwnWork() })
      return globalThis.fetch(url, init)
    }
    const { find } = startVerifier([{ issuer: issuer.issuer }], { fetch })
    const token = await issuer.sign()
    await request.run('a request', () => find(token))
    const own = { request: 'none', isSuppressed: true, own: true }
    expect(seen).toEqual([own, own])
    expect(isOwnWork()).toBe(false)
  })

  it('ends no process when who is told of a verdict fails', async () => {
    const issuer = await startIssuer()
    const { faults, find, verifier } = startVerifier([{ issuer: issuer.issuer }])
    const token = await issuer.sign()
    verifier.begin(token, () => {
      throw new Error('broken')
    })
    await expect.poll(() => faults.length).toBe(1)
    expect(await find(token)).toMatchObject({ kind: 'verified' })
  })

  it('tells nobody anything when it was closed', async () => {
    const issuer = await startIssuer()
    const { verifier } = startVerifier([{ issuer: issuer.issuer }])
    const told: unknown[] = []
    verifier.begin(await issuer.sign(), (verdict) => told.push(verdict))
    verifier.close()
    verifier.close()
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(told).toEqual([])
  })
})

describe('options of an issuer', () => {
  const issuer = 'https://as.example.com'
  const create = (options: object): unknown =>
    createTokenVerifier({
      issuers: [{ issuer, ...options }],
      fingerprint,
      clock: { unixNanos: () => 0n },
      readFile: () => Promise.resolve(''),
    })

  it.each([
    [{ issuer: 'as.example.com' }, '"issuer" must be'],
    [{ issuer: 'ftp://as.example.com' }, '"issuer" must be'],
    [{ issuer: 'https://user:s3cret@as.example.com' }, '"issuer" must be'],
    [{ jwksUri: 'nowhere' }, `"jwks_uri" of ${issuer}`],
    [{ audience: [''] }, `"audience" of ${issuer}`],
    [{ introspection: { clientId: '', clientSecretFile: 'x' } }, '"client_id"'],
    [{ introspection: { clientId: 'x', clientSecretFile: '' } }, '"client_secret_file"'],
    [
      { introspection: { clientId: 'x', clientSecretFile: 'x', endpoint: 'x' } },
      '"endpoint" in "introspection"',
    ],
  ])('%o are refused', (options, message) => {
    expect(() => create(options)).toThrow(message)
    expect(() => create(options)).toThrow(TypeError)
    expect(() => create(options)).not.toThrow('s3cret')
  })

  it('without TLS cost a line, but for the loopback address', () => {
    const linesOf = (issuer: string): readonly string[] => startVerifier([{ issuer }]).lines
    expect(linesOf('http://keycloak:8080/realms/a')).toEqual([
      'The keys of http://keycloak:8080/realms/a come without TLS: who can alter them can invent identities.',
    ])
    expect(linesOf('http://localhost:8080')).toEqual([])
    expect(linesOf(issuer)).toEqual([])
  })
})
