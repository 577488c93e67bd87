import { generateKeyPairSync } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { exportJWK, SignJWT } from 'jose'
import type { JWTPayload } from 'jose'
import { LIBRARIES } from '@tokentrail/instrumentation'
import { afterAll, describe, expect, it } from 'vitest'
import type { DoctorReport } from '../src/doctor-file.ts'
import { createFolder, startApplication, type Application } from './application.ts'
import { startOtlpSink } from './otlp-sink.ts'
import { send } from './send.ts'

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

const waiting = (name: string): object => ({ name, state: 'waiting' })

/** What the fixture printed of its answers. */
const answersIn = (stdout: string): string => stdout.replace(/served on \d+\n/, '')

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

function expectDoctorReport(folder: string, pid: number | undefined): void {
  const report = JSON.parse(readFileSync(join(folder, 'doctor.json'), 'utf8')) as DoctorReport
  expect(report).toMatchObject({
    pid,
    recording: {
      node: process.version,
      faults: 0,
      log: { closed: true },
    },
  })
  expect(report.recording?.hooks).toContainEqual(
    expect.objectContaining({ name: 'jose', state: 'live' }),
  )
  expect(report.recording?.settings.find(({ name }) => name === 'endpoint')).toMatchObject({
    value: `${sink.endpoint}/v1/logs`,
    origin: 'environment',
  })
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
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret-of-the-delivery',
      OTEL_SERVICE_NAME: 'orders-api',
      TOKENTRAIL_DOCTOR_FILE: join(folder, 'doctor.json'),
      FIXTURE_JWKS: jwks,
      FIXTURE_TOKENS: JSON.stringify([good, good, forged]),
    })
    const { code, stdout, stderr } = await app.ended

    expect(answersIn(stdout)).toBe('200 {"sub":"alice"}\n200 {"sub":"alice"}\n401 Unauthorized\n')
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
      hooks: [{ name: 'http', state: 'live' }, ...LIBRARIES.map(({ name }) => waiting(name))],
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
    expectDoctorReport(folder, app.child.pid)
    // Nothing that a credential or a claim nobody verified can be known by leaves the process.
    const kept = readAll(folder) + sink.received.join('\n') + stderr
    expect(kept).toContain('alice')
    expect(readAll(folder)).not.toContain('secret-of-the-delivery')
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

  it('keeps the record of every request that was answered before kill -9', async () => {
    const folder = createFolder()
    const env = { FIXTURE_THEN: 'stay', OTEL_SERVICE_NAME: 'killed', FIXTURE_JWKS: jwks }
    const silent = { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }
    const app = start('api.mjs', folder, silent)
    const port = await app.servedOn()
    let answered = 0
    const ask = async (): Promise<void> => {
      for (;;) {
        const { status } = await send(port, {
          path: '/v1/orders/7',
          headers: { authorization: 'Bearer x' },
        })
        expect(status).toBe(401)
        answered += 1
        if (answered === 500) app.child.kill('SIGKILL')
      }
    }
    // Each client goes on until the connection breaks.
    const clients = await Promise.allSettled(Array.from({ length: 8 }, ask))
    expect(clients.map((client) => client.status)).toEqual(clients.map(() => 'rejected'))
    await app.ended

    await start('api.mjs', folder, { OTEL_SERVICE_NAME: 'killed' }).ended
    const kept = sink.records.filter(
      ({ eventName, body }) =>
        eventName === 'oauth.request.rejected' && String(body['log']).startsWith('killed/'),
    )
    expect(kept.length).toBeGreaterThanOrEqual(answered)
    expect(kept.length).toBeLessThanOrEqual(answered + 8)
    expect(answered).toBeGreaterThanOrEqual(500)
  })

  it('says in one line why it does not record, tells the doctor, and lets the application run', async () => {
    const folder = createFolder()
    const doctor = join(folder, 'doctor.json')
    writeFileSync(join(folder, 'tokentrail.yaml'), 'routes:\n  - match: nowhere\n')
    const { code, stdout, stderr } = await start('api.mjs', folder, {
      TOKENTRAIL_DOCTOR_FILE: doctor,
      FIXTURE_JWKS: jwks,
      FIXTURE_TOKENS: JSON.stringify([await sign({ sub: 'bob' })]),
    }).ended
    expect(code).toBe(0)
    expect(answersIn(stdout)).toBe('200 {"sub":"bob"}\n')
    expect(stderr).toMatch(
      /^tokentrail: Not recording: tokentrail\.yaml:2: [^\n]*routes\[0\]\.match[^\n]*\n$/,
    )
    const { error } = JSON.parse(readFileSync(doctor, 'utf8')) as DoctorReport
    expect(stderr).toBe(`tokentrail: Not recording: ${error}\n`)
  })

  it('does not let the application run unrecorded where that was chosen', async () => {
    const folder = createFolder()
    writeFileSync(join(folder, 'tokentrail.yaml'), 'routes:\n  - match: nowhere\n')
    const { code, stdout, stderr } = await start('api.mjs', folder, {
      TOKENTRAIL_FAILURE_POLICY: 'fail-closed',
      FIXTURE_JWKS: jwks,
      FIXTURE_TOKENS: '[]',
    }).ended
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toContain('Nothing may run unrecorded')
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
})
