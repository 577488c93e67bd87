import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, SignJWT } from 'jose'
import type { JWTPayload } from 'jose'
import { afterAll, describe, expect, it } from 'vitest'
import type { DoctorReport } from '../src/doctor-file.ts'
import { createFolder, startApplication, type Application } from './application.ts'
import { startOtlpSink } from './otlp-sink.ts'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwks = JSON.stringify({
  keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256' }],
})

function sign(claims: JWTPayload, key = privateKey): Promise<string> {
  return new SignJWT({ iss: 'https://as.example.com', exp: 4_102_444_800, ...claims })
    .setProtectedHeader({ alg: 'ES256', kid: 'k1' })
    .sign(key)
}

/** Every file under a folder, as one text. */
function readAll(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n')
}

const sink = await startOtlpSink()
afterAll(() => sink.close())

/** Starts a fixture that delivers to the sink. */
function start(fixture: string, folder: string, env: NodeJS.ProcessEnv = {}): Application {
  return startApplication(fixture, folder, { OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint, ...env })
}

describe('node --import @tokentrail/node/register', () => {
  it('records an application that knows nothing of it, and delivers before it ends', async () => {
    const folder = createFolder()
    const good = await sign({ sub: 'alice', client_id: 'c1', scope: 'orders:read', sid: 's1' })
    const forged = await sign(
      { sub: 'canary-forged', client_id: 'canary-admin' },
      attacker.privateKey,
    )
    const app = start('api.mjs', folder, {
      OTEL_SERVICE_NAME: 'orders-api',
      FIXTURE_JWKS: jwks,
      FIXTURE_TOKENS: JSON.stringify([good, good, forged]),
    })
    const { code, stdout, stderr } = await app.ended

    expect(stdout).toBe('200 {"sub":"alice"}\n200 {"sub":"alice"}\n401 Unauthorized\nserved\n')
    expect(code).toBe(0)
    expect(stderr).toMatch(/^tokentrail: Made [^\n]*self-issued[^\n]*\n$/)
    const events = sink.records
      .filter(({ body }) => String(body['log']).startsWith('orders-api/'))
      .filter(({ eventName }) => !/identity|checkpoint/.test(eventName))
    expect(events.map(({ eventName }) => eventName)).toEqual([
      'tokentrail.log.open',
      'oauth.token.observed',
      'oauth.request',
      'oauth.request',
      'oauth.request.rejected',
      'tokentrail.log.close',
    ])
    expect(events[0]?.body).toMatchObject({
      index: 0,
      hooks: [
        { name: 'http', state: 'live' },
        { name: 'jose', state: 'waiting' },
        { name: 'oauth4webapi', state: 'waiting' },
      ],
    })
    expect(events[2]?.body.attributes).toMatchObject({
      'http.route': '/v1/orders/:id',
      'oauth.client.id': 'c1',
      'oauth.session.first_seen': true,
      'oauth.token.scopes': ['orders:read'],
    })
    expect(events[4]?.body).not.toHaveProperty('session')
    expect(events[4]?.body.attributes).toMatchObject({
      'oauth.decision': 'deny',
      'oauth.error.code': 'invalid_token',
      'oauth.rejection.reason': 'bad_signature',
      'oauth.token.key.id': 'k1',
    })
    // Nothing that a credential or a claim nobody verified can be known by leaves the process.
    const kept = readAll(folder) + sink.received.join('\n') + stderr
    expect(kept).toContain('alice')
    for (const secret of [
      good,
      forged,
      ...good.split('.').slice(1),
      ...forged.split('.').slice(1),
      'canary',
    ]) {
      expect(kept).not.toContain(secret)
    }
  })

  it.each([
    ['drain', 0, ''],
    ['exit', 3, ''],
    ['throw', 1, 'Error: uncaught'],
  ])('leaves the exit code as it is: %s', async (then, expected, words) => {
    const folder = createFolder()
    const { code, stderr } = await start('api.mjs', folder, { FIXTURE_THEN: then }).ended
    expect(code).toBe(expected)
    expect(stderr).toContain(words)
    expect(readAll(folder)).toContain('tokentrail.log.close')
  })

  it('seals the log on a signal, and the signal ends the application as before', async () => {
    const folder = createFolder()
    const app = start('api.mjs', folder, { FIXTURE_THEN: 'stay' })
    await app.prints('served')
    app.child.kill('SIGTERM')
    expect(await app.ended).toMatchObject({ code: null, signal: 'SIGTERM' })
    expect(readAll(folder)).toContain('tokentrail.log.close')
  })

  it('leaves a signal to an application that listens for it', async () => {
    const folder = createFolder()
    const app = start('api.mjs', folder, { FIXTURE_THEN: 'listen' })
    await app.prints('served')
    app.child.kill('SIGTERM')
    expect(await app.ended).toMatchObject({ code: 5, signal: null })
    expect(readAll(folder)).toContain('tokentrail.log.close')
  })

  it.each<[string, NodeJS.ProcessEnv, RegExp]>([
    [
      'a setting is wrong',
      { TOKENTRAIL_DURABILITY: 'disk' },
      /"TOKENTRAIL_DURABILITY" must be process/,
    ],
    ['a key is none', { TOKENTRAIL_SIGNING_KEY_FILE: 'key.json' }, /The key file key\.json is not/],
    ['the folder is a file', { TOKENTRAIL_DIR: 'key.json' }, /key\.json/],
    [
      'the policy is missing',
      { TOKENTRAIL_CONFIG: 'no.yaml' },
      /no\.yaml cannot be read \(ENOENT\)/,
    ],
    ['the policy is wrong', { TOKENTRAIL_CONFIG: 'bad.yaml' }, /bad\.yaml:2: .*routes\[0\]\.match/],
  ])(
    'says in one line why it does not record, and lets the application run: %s',
    async (_, env, words) => {
      const folder = createFolder()
      writeFileSync(join(folder, 'key.json'), '{"kty":"canary-key"}')
      writeFileSync(join(folder, 'bad.yaml'), 'routes:\n  - match: nowhere\n')
      const tokens = {
        FIXTURE_JWKS: jwks,
        FIXTURE_TOKENS: JSON.stringify([await sign({ sub: 'bob' })]),
      }
      const { code, stdout, stderr } = await start('api.mjs', folder, {
        ...tokens,
        ...env,
      }).ended
      expect(code).toBe(0)
      expect(stdout).toBe('200 {"sub":"bob"}\nserved\n')
      const lines = stderr
        .split('\n')
        .filter((line) => line.startsWith('tokentrail: Not recording: '))
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(words)
      expect(stderr).not.toContain('canary')
      expect(stderr).not.toMatch(/^ {4}at /m)
    },
  )

  it('warns of new keys once', async () => {
    const folder = createFolder()
    expect((await start('api.mjs', folder).ended).stderr).toContain('self-issued')
    expect((await start('api.mjs', folder).ended).stderr).not.toContain('self-issued')
  })

  it('keeps a log for every thread of the application', async () => {
    const { code, stdout, stderr } = await start('workers.mjs', createFolder()).ended
    expect(stderr).not.toContain('Not recording')
    expect(code).toBe(0)
    const origins = stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
    expect(origins.map(([thread]) => thread)).toEqual(['main', 'worker', 'ended'])
    expect(origins[0]?.[1]).toMatch(/^unknown_service%3Anode\//)
    expect(origins[1]?.[1]).toMatch(/^unknown_service%3Anode\//)
    expect(origins[0]?.[1]).not.toBe(origins[1]?.[1])
  })

  it('tells the doctor what it does', async () => {
    const folder = createFolder()
    const report = join(folder, 'doctor.json')
    const env = {
      TOKENTRAIL_DOCTOR_FILE: report,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=canary',
      FIXTURE_JWKS: jwks,
      FIXTURE_TOKENS: JSON.stringify([await sign({ sub: 'bob' })]),
    }
    const app = start('api.mjs', folder, env)
    await app.ended
    const text = readFileSync(report, 'utf8')
    const { pid, recording } = JSON.parse(text) as DoctorReport
    expect(pid).toBe(app.child.pid)
    expect(recording).toMatchObject({
      node: process.version,
      faults: 0,
      log: { closed: true },
      hooks: [{ name: 'http' }, { name: 'jose', state: 'live' }, { name: 'oauth4webapi' }],
    })
    expect(recording?.settings.find(({ name }) => name === 'endpoint')).toMatchObject({
      value: `${sink.endpoint}/v1/logs`,
      origin: 'environment',
    })
    expect(text).not.toContain('canary')
  })

  it('tells the doctor why it does not record', async () => {
    const folder = createFolder()
    const report = join(folder, 'doctor.json')
    const env = { TOKENTRAIL_DOCTOR_FILE: report, TOKENTRAIL_SUBJECT: 'x' }
    await start('api.mjs', folder, env).ended
    expect(JSON.parse(readFileSync(report, 'utf8'))).toMatchObject({
      error: '"TOKENTRAIL_SUBJECT" is "x"; it must be pseudonym, plain, off',
    })
  })
})
