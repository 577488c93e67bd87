import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../e2e/support/send.ts'
import { until } from '../e2e/support/until.ts'
import { createSelfTestFile } from './support/hook-states.ts'
import { environmentFor, PRESENTED, startIssuer } from './support/issuer.ts'
import { present } from './support/present.ts'
import {
  type DeliveredRecord,
  type RecordedApplication,
  type RecordedRun,
  startApplication,
} from './support/recorded-application.ts'
import { createRelyingParty } from './support/relying-party.ts'

/** An oidc-provider in a process of its own, and an API behind a mesh that verifies nothing. */
const SERVER = 'oidc-provider/server.mjs'
const API = 'http/behind-mesh.mjs'
const REPORTS = 'https://reports.example.com'
const REDIRECT = 'http://127.0.0.1/callback'
const SECRET = 'canary-secret-of-machine'

const attributesOf = (record: DeliveredRecord | undefined): Readonly<Record<string, unknown>> =>
  record?.attributes ?? {}

describe('an application that verifies nothing, of which the operator names the issuer', () => {
  let folder: string
  let server: RecordedApplication
  let run: RecordedRun
  const tokens: Record<string, string> = {}
  const fingerprints: Record<string, unknown> = {}
  const statuses: number[] = []

  /** Requests in the order of the log. */
  const requestOf = (name: string): DeliveredRecord | undefined =>
    run.requests[Object.keys(tokens).indexOf(name)]
  const observedOf = (name: string): readonly DeliveredRecord[] =>
    run.records.filter(
      (record) =>
        record.type === 'oauth.token.observed' &&
        attributesOf(record)['oauth.token.fingerprint'] === fingerprints[name],
    )

  async function obtainTokens(): Promise<void> {
    const { config, signIn } = await createRelyingParty(server.url, 'names-session', REDIRECT)
    tokens['user'] = (await signIn()).tokens.access_token
    const opaque = await signIn({ resource: REPORTS, scope: 'openid reports:read' })
    tokens['opaque'] = opaque.tokens.access_token
    const revoked = await signIn({ resource: REPORTS, scope: 'openid reports:read' })
    await client.tokenRevocation(config, revoked.tokens.access_token)
    tokens['revoked'] = revoked.tokens.access_token
    const [header, payload] = tokens['user'].split('.')
    tokens['forged'] = `${header}.${payload}.${'A'.repeat(86)}`
    tokens['unknown'] = 'canary-token-of-nobody'
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tokentrail-issuers-'))
    server = await startApplication(SERVER, { flags: [] })
    await obtainTokens()
    writeFileSync(join(folder, 'secret'), `${SECRET}\n`)
    writeFileSync(
      join(folder, 'tokentrail.yaml'),
      `issuers:\n  - issuer: ${server.url}\n    introspection:\n      client_id: machine\n` +
        `      client_secret_file: ${join(folder, 'secret')}\n`,
    )
    const doctor = createSelfTestFile()
    const env = {
      ...doctor.env,
      TOKENTRAIL_CONFIG: join(folder, 'tokentrail.yaml'),
      TOKENTRAIL_ISSUERS: server.url,
    }
    const api = await startApplication(API, { env })
    try {
      for (const token of Object.values(tokens)) {
        statuses.push(await send(api.url, { path: '/v1/orders/7', headers: bearer(token) }))
      }
      await until('every token to be judged', () => {
        const [issuer] = doctor.issuers()
        return issuer !== undefined && issuer.verified + issuer.refused === 5 ? true : undefined
      })
      for (const token of [tokens['user'], tokens['forged']]) {
        const headers = bearer(token ?? '')
        statuses.push(await send(api.url, { path: '/v1/refused', headers }))
      }
      run = await api.stop()
    } finally {
      await api.close()
      doctor.remove()
    }
    for (const name of Object.keys(tokens)) {
      fingerprints[name] = attributesOf(requestOf(name))['oauth.token.fingerprint']
    }
  }, 60_000)
  afterAll(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is recorded at once, by fingerprint, and answers as ever', () => {
    expect(statuses).toEqual([200, 200, 200, 200, 200, 401, 401])
    expect(run.requests).toHaveLength(7)
    expect(new Set(Object.values(fingerprints)).size).toBe(5)
  })

  it.each(['user', 'opaque'])('gets the identity of a good token by join: %s', (name) => {
    const [observed, ...others] = observedOf(name)
    expect(others).toEqual([])
    expect(attributesOf(observed)).toMatchObject({
      'oauth.client.id': 'names-session',
      'oauth.issuer': server.url,
      'oauth.token.subject_type': 'user',
      'oauth.validation.method': 'recorder',
    })
    expect(observed?.session).toEqual(expect.any(String))
    const subjects = run.identities.map((record) => attributesOf(record))
    expect(subjects).toContainEqual(
      expect.objectContaining({
        'tokentrail.identity.value': 'alice',
        'tokentrail.identity.pseudonym': attributesOf(observed)['user.hash'],
      }),
    )
  })

  it.each([
    ['forged', 'bad_signature'],
    ['revoked', 'inactive'],
    ['unknown', 'inactive'],
  ])('has it recorded that it accepted what is not good: %s', (name, reason) => {
    const [observed, ...others] = observedOf(name)
    expect(others).toEqual([])
    expect(observed).not.toHaveProperty('session')
    expect(attributesOf(observed)).toMatchObject({
      'oauth.rejection.reason': reason,
      'oauth.validation.method': 'recorder',
    })
    expect(attributesOf(observed)).not.toHaveProperty('user.hash')
    expect(attributesOf(requestOf(name))).toMatchObject({ 'oauth.decision': 'allow' })
  })

  it('has who was refused in the record of a known token, and why where nobody says', () => {
    const [known, forged] = run.requests.slice(5)
    expect(known?.session).toBe(observedOf('user')[0]?.session)
    expect(attributesOf(known)).toMatchObject({
      'oauth.decision': 'deny',
      'oauth.rejection.reason': 'unknown',
      'oauth.client.id': 'names-session',
    })
    expect(attributesOf(forged)).toMatchObject({
      'oauth.rejection.reason': 'bad_signature',
      'tokentrail.capture.hook': 'recorder.jwt',
    })
  })

  it('shows no token and no secret', () => {
    const everything = run.texts.join('\n') + run.output
    for (const secret of [...Object.values(tokens), SECRET]) {
      expect(everything).not.toContain(secret)
    }
  })
})

describe('an application whose library verifies what the recorder verifies too', () => {
  it('is recorded by what its library told, once, whatever the recorder knows', async () => {
    const issuer = await startIssuer()
    const env = { ...environmentFor(issuer), TOKENTRAIL_ISSUERS: issuer.url }
    const api = await startApplication('jose-6/esm.mjs', { env })
    try {
      for (let round = 0; round < 2; round += 1) {
        for (const presented of PRESENTED) await present(api.url, issuer, presented)
      }
      const { output, records, requests } = await api.stop()
      const observed = records.filter(({ type }) => type === 'oauth.token.observed')
      expect(observed.map((record) => attributesOf(record)['oauth.rejection.reason'])).toEqual(
        observed.map(() => undefined),
      )
      const reasons = requests.map((record) => attributesOf(record)['oauth.rejection.reason'])
      const [first, second] = [reasons.slice(0, PRESENTED.length), reasons.slice(PRESENTED.length)]
      expect(second).toEqual(first)
      expect(first).toEqual(
        PRESENTED.map((presented) => (presented === 'good' ? undefined : presented)),
      )
      expect(output).not.toContain('cannot be verified')
    } finally {
      await api.close()
      await issuer.close()
    }
  }, 60_000)
})
