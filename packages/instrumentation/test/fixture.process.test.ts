import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { generateKeyPairSync } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { exportJWK, SignJWT } from 'jose'
import type { JWTPayload } from 'jose'
import { describe, expect, it, onTestFinished } from 'vitest'
import { send, type Received } from './recorded-server.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }] }

function sign(claims: JWTPayload, key = privateKey): Promise<string> {
  return new SignJWT({ iss: 'https://as.example.com', aud: 'https://api.example.com', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .setExpirationTime('5m')
    .sign(key)
}

type Message = Record<string, unknown>

/** An application in a process of its own, started with `--import`. */
interface Fixture {
  get(path: string, token?: string): Promise<Received>
  ask(): Promise<Message>
  /** Facts and faults that its preload told so far. */
  readonly told: Message[]
  /** What it wrote on standard error. */
  readonly errors: string[]
}

async function startFixture(
  preload: string,
  env: NodeJS.ProcessEnv = {},
  application = 'orders-api.mjs',
): Promise<Fixture> {
  const file = (name: string): string =>
    fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url))
  const child = fork(file(application), {
    execArgv: ['--conditions=@tokentrail/source', '--import', file(preload)],
    env: { ...process.env, FIXTURE_JWKS: JSON.stringify(jwks), OTEL_SDK_DISABLED: 'false', ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  })
  const told: Message[] = []
  const errors: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => errors.push(text))
  const { port } = await nextMessage(child, 'port')
  child.on('message', (message: Message) => told.push(message))
  return {
    told,
    errors,
    get: (path, token) =>
      send(Number(port), {
        path,
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      }),
    async ask() {
      child.send('tell')
      return nextMessage(child, ['states', 'spans'])
    },
  }
}

async function nextMessage(child: ChildProcess, keys: string | string[]): Promise<Message> {
  const wanted = [keys].flat()
  const signal = AbortSignal.timeout(15_000)
  for (;;) {
    const [message] = (await once(child, 'message', { signal })) as [Message]
    if (wanted.some((key) => key in message)) return message
  }
}

const factsOf = (told: Message[]): Message[] =>
  told.flatMap(({ facts }) => (facts === undefined ? [] : [facts as Message]))

/** What concerns these applications; the self-test lists every library there is. */
const used = (states: unknown): Message[] =>
  (states as Message[]).filter(({ name }) =>
    ['http', 'jose', 'oauth4webapi'].includes(String(name)),
  )

describe('an ES module application with jose and Express 5, started with --import', () => {
  it.each([
    ['the best loader hook of this Node', {}],
    ['a loader hook on a thread of its own', { FIXTURE_LOADER: 'async' }],
  ])('has identity recorded where it is proven, never where it is claimed: %s', async (_, env) => {
    const fixture = await startFixture('preload.mjs', env)
    const good = await sign({ sub: 'alice', client_id: 'c1' })
    const forged = await sign({ sub: 'root', client_id: 'admin' }, attacker.privateKey)
    const expired = await sign({ sub: 'bob' }).then(() =>
      new SignJWT({
        iss: 'https://as.example.com',
        aud: 'https://api.example.com',
        sub: 'bob',
        exp: 1,
      })
        .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
        .sign(privateKey),
    )
    expect((await fixture.get('/v1/orders/7', good)).body).toBe('{"subject":"alice"}')
    expect((await fixture.get('/v1/orders/deep/7', good)).status).toBe(200)
    expect((await fixture.get('/v1/orders/7', forged)).status).toBe(401)
    expect((await fixture.get('/v1/orders/7', expired)).status).toBe(401)
    expect((await fixture.get('/v1/orders/7')).status).toBe(401)
    expect((await fixture.get('/open')).status).toBe(200)
    const { states } = await fixture.ask()

    expect(used(states)).toEqual([
      { name: 'http', state: 'live' },
      { name: 'jose', state: 'live', versions: [expect.stringMatching(/^6\./)] },
      { name: 'oauth4webapi', state: 'live', versions: [expect.stringMatching(/^3\./)] },
    ])
    const challenges = [{ scheme: 'bearer', error: 'invalid_token' }]
    expect(factsOf(fixture.told)).toMatchObject([
      {
        method: 'GET',
        route: '/v1/orders/:id',
        statusCode: 200,
        complete: true,
        token: good,
        clientAddress: '127.0.0.1',
        verified: {
          hook: 'jose.jwtVerify',
          keyId: 'k1',
          claims: { sub: 'alice', client_id: 'c1' },
        },
      },
      { route: '/v1/orders/deep/:id', verified: { claims: { sub: 'alice' } } },
      { statusCode: 401, rejection: { reason: 'bad_signature', keyId: 'k1' }, challenges },
      {
        statusCode: 401,
        rejection: { reason: 'expired', provenClaims: { sub: 'bob' } },
        challenges,
      },
      { statusCode: 401, challenges },
    ])
    expect(factsOf(fixture.told)).toHaveLength(5)
    const forgedFacts = JSON.stringify({
      ...factsOf(fixture.told)[2],
      token: '',
      rejection: { ...(factsOf(fixture.told)[2]?.['rejection'] as object), token: '' },
    })
    expect(forgedFacts).not.toMatch(/root|admin/)
    expect(fixture.told.filter(({ fault }) => fault !== undefined)).toEqual([])
    expect(fixture.errors).toEqual([])
  })

  it('has its introspected tokens recorded', async () => {
    const fixture = await startFixture('preload.mjs')
    expect((await fixture.get('/opaque', 'opaque-good')).status).toBe(200)
    expect((await fixture.get('/opaque', 'opaque-revoked')).status).toBe(401)
    await fixture.ask()
    const facts = factsOf(fixture.told).filter(({ route }) => route === '/opaque')
    expect(facts).toMatchObject([
      {
        verified: {
          method: 'introspection',
          claims: { iss: 'https://as.example.com', sub: 'carol', client_id: 'c2' },
        },
      },
      { statusCode: 401, rejection: { reason: 'inactive' } },
    ])
  })

  it('is told when its imports cannot be seen, and is still recorded by fingerprint', async () => {
    const fixture = await startFixture('preload.mjs', { FIXTURE_LOADER: 'none' })
    const good = await sign({ sub: 'alice' })
    expect((await fixture.get('/v1/orders/7', good)).status).toBe(200)
    const { states } = await fixture.ask()
    expect(used(states)).toMatchObject([
      { name: 'http', state: 'live' },
      {
        name: 'jose',
        state: 'inactive',
        reason: expect.stringContaining('No loader hook') as string,
      },
      { name: 'oauth4webapi', state: 'inactive' },
    ])
    expect(factsOf(fixture.told)).toMatchObject([{ token: good, statusCode: 200 }])
    expect(factsOf(fixture.told)[0]).not.toHaveProperty('verified')
  })
})

describe('a CommonJS application that requires jose', () => {
  it('has identity recorded too, with no loader hook', async () => {
    const fixture = await startFixture('preload.mjs', { FIXTURE_LOADER: 'none' }, 'required.cjs')
    const good = await sign({ sub: 'alice' })
    expect((await fixture.get('/', good)).body).toBe('alice')
    const { states } = await fixture.ask()
    expect(used(states)).toMatchObject([{ state: 'live' }, { name: 'jose', state: 'live' }, {}])
    expect(factsOf(fixture.told)).toMatchObject([{ verified: { claims: { sub: 'alice' } } }])
  })
})

describe('an application with a NodeSDK of its own', () => {
  it('finds the session on its spans and logs, and the records in its logs', async () => {
    const fixture = await startFixture('node-sdk.mjs')
    const good = await sign({ sub: 'alice', client_id: 'c1', scope: 'orders:read', auth_time: 1 })
    await fixture.get('/v1/orders/7', good)
    const { spans, logs } = (await fixture.ask()) as {
      spans: { name: string; kind: number; spanId: string; attributes: Message }[]
      logs: { eventName?: string; body: string; spanId?: string; attributes: Message }[]
    }
    const server = spans.find(({ kind }) => kind === 1)
    const session = server?.attributes['oauth.session.id']
    expect(server?.attributes).toMatchObject({
      'oauth.client.id': 'c1',
      'oauth.token.scopes': ['orders:read'],
      'oauth.decision': 'allow',
    })
    expect(session).toMatch(/^[\w-]{22}$/)
    expect(spans.find(({ name }) => name === 'read order')?.attributes).toMatchObject({
      'oauth.session.id': session,
    })
    expect(logs.find(({ body }) => body === 'order read')?.attributes).toMatchObject({
      'oauth.session.id': session,
    })
    expect(logs.filter(({ eventName }) => eventName !== undefined)).toMatchObject([
      { eventName: 'oauth.token.observed', spanId: server?.spanId },
      {
        eventName: 'oauth.request',
        body: 'oauth.request GET /v1/orders/:id 200',
        spanId: server?.spanId,
        attributes: { 'oauth.session.id': session, 'http.route': '/v1/orders/:id' },
      },
    ])
    expect(JSON.stringify([spans, logs])).not.toContain('alice')
    expect(JSON.stringify([spans, logs])).not.toContain(good)
  })
})
