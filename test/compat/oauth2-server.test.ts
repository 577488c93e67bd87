import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../e2e/support/send.ts'
import { createBrowser } from './support/browser.ts'
import { createSelfTestFile, type HookState } from './support/hook-states.ts'
import {
  type DeliveredRecord,
  type RecordedApplication,
  type RecordedRun,
  startApplication,
} from './support/recorded-application.ts'

const secrets = new Set(['canary-secret-of-web', 'canary-secret-of-machine', 'canary-wrong-secret'])

function configure(url: string, clientId: string, secret: string): client.Configuration {
  const server = { issuer: url, token_endpoint: `${url}/token` }
  const config = new client.Configuration(server, clientId, {}, client.ClientSecretPost(secret))
  client.allowInsecureRequests(config)
  return config
}

function keep(tokens: client.TokenEndpointResponse): client.TokenEndpointResponse {
  for (const token of [tokens.access_token, tokens.refresh_token]) {
    if (token !== undefined) secrets.add(token)
  }
  return tokens
}

async function authorize(url: string): Promise<URL> {
  const asked = new URL(`${url}/authorize`)
  asked.search = String(
    new URLSearchParams({
      client_id: 'web',
      response_type: 'code',
      redirect_uri: 'http://127.0.0.1/callback',
      scope: 'orders:read',
      state: 'canary-state',
    }),
  )
  return (await createBrowser().open(asked)).url
}

async function useServer(url: string): Promise<readonly number[]> {
  const web = configure(url, 'web', 'canary-secret-of-web')
  const callback = await authorize(url)
  secrets.add(callback.searchParams.get('code') ?? '')
  const checks = { expectedState: 'canary-state' }
  const tokens = keep(await client.authorizationCodeGrant(web, callback, checks))
  const refreshed = keep(await client.refreshTokenGrant(web, tokens.refresh_token ?? ''))
  const machine = configure(url, 'machine', 'canary-secret-of-machine')
  const own = keep(await client.clientCredentialsGrant(machine, { scope: 'orders:read' }))
  const weak = keep(await client.clientCredentialsGrant(machine, { scope: 'orders:list' }))
  const wrong = configure(url, 'web', 'canary-wrong-secret')
  for (const refusal of [
    client.refreshTokenGrant(web, tokens.refresh_token ?? ''),
    client.clientCredentialsGrant(machine, { scope: 'admin' }),
    client.refreshTokenGrant(wrong, refreshed.refresh_token ?? ''),
  ]) {
    await expect(refusal).rejects.toBeInstanceOf(Error)
  }
  const presented = [tokens, refreshed, own, weak].map(({ access_token }) => bearer(access_token))
  const statuses: number[] = []
  for (const headers of [...presented, bearer('canary-unknown-token'), {}]) {
    statuses.push(await send(url, { path: '/v1/orders/7', headers }))
  }
  return statuses
}

describe.each(['esm.mjs', 'required.cjs'])('@node-oauth/oauth2-server: %s', (file) => {
  let application: RecordedApplication
  let run: RecordedRun
  let state: HookState
  let statuses: readonly number[]
  const selfTest = createSelfTestFile()

  const attributesOf = ({ attributes = {} }: DeliveredRecord): Readonly<Record<string, unknown>> =>
    attributes
  const recordsOf = (type: string): readonly DeliveredRecord[] =>
    run.records.filter((record) => record.type === type)

  beforeAll(async () => {
    application = await startApplication(`oauth2-server/${file}`, { env: selfTest.env })
    statuses = await useServer(application.url)
    state = await selfTest.becomes('oauth2-server', 'live')
    run = await application.stop()
  })
  afterAll(async () => {
    selfTest.remove()
    await application.close()
  })

  it('has its hooks live', () => {
    expect(state).toMatchObject({ state: 'live', versions: ['5.3.0'] })
  })

  it('records what is issued, to whom and from what', () => {
    const issued = [...recordsOf('oauth.token.issued'), ...recordsOf('oauth.token.refreshed')]
    const summary = issued.map((record) => {
      const attributes = attributesOf(record)
      return [
        attributes['oauth.token.type'],
        attributes['oauth.client.id'],
        attributes['oauth.grant.type'],
        attributes['oauth.token.parent.type'],
        attributes['oauth.token.subject_type'],
      ]
    })
    const code = 'authorization_code'
    expect(summary).toEqual([
      [code, 'web', code, undefined, 'user'],
      ['access_token', 'web', code, code, 'user'],
      ['refresh_token', 'web', code, code, 'user'],
      ['access_token', 'machine', 'client_credentials', undefined, 'client'],
      ['access_token', 'machine', 'client_credentials', undefined, 'client'],
      ['access_token', 'web', 'refresh_token', 'refresh_token', 'user'],
      ['refresh_token', 'web', 'refresh_token', 'refresh_token', 'user'],
    ])
    expect(attributesOf(issued[1] ?? { type: '' })).toMatchObject({
      'http.route': '/token',
      'http.response.status_code': 200,
      'oauth.client.auth_method': 'client_secret_post',
      'oauth.token.scopes': ['orders:read'],
    })
  })

  it('replaces the session at a refresh, for its tokens name no sign-in', () => {
    const [first, second] = recordsOf('oauth.session.start')
    const [end] = recordsOf('oauth.session.end')
    expect(end).toMatchObject({
      session: first?.session,
      attributes: { 'oauth.session.end_reason': 'replaced' },
    })
    expect(second?.attributes).toMatchObject({ 'oauth.session.previous_id': first?.session })
  })

  it('names one session in the records of the server and of the API', () => {
    const accepted = recordsOf('oauth.request')
    expect(accepted).toHaveLength(3)
    const sessionOf = new Map(
      [...recordsOf('oauth.token.issued'), ...recordsOf('oauth.token.refreshed')].map((record) => [
        attributesOf(record)['oauth.token.fingerprint'],
        record.session,
      ]),
    )
    for (const request of accepted) {
      expect(request.session).toBe(sessionOf.get(attributesOf(request)['oauth.token.fingerprint']))
    }
  })

  it('records each refusal once, naming nobody who has not proven it', () => {
    expect(statuses).toEqual([200, 200, 200, 403, 401, 401])
    const refused = recordsOf('oauth.request.rejected').map((record) => {
      const attributes = attributesOf(record)
      return [
        attributes['oauth.rejection.reason'],
        attributes['http.route'],
        attributes['oauth.client.id'],
      ]
    })
    expect(refused).toEqual([
      ['invalid_grant', '/token', undefined],
      ['scope_refused', '/token', undefined],
      ['client_rejected', '/token', undefined],
      ['insufficient_scope', '/v1/orders/:id', undefined],
      ['inactive', '/v1/orders/:id', undefined],
      ['missing', '/v1/orders/:id', undefined],
    ])
  })

  it('lets no token, code or secret out', () => {
    const everything = run.texts.join('\n') + run.output
    for (const secret of secrets) expect(everything).not.toContain(secret)
    expect(everything).not.toContain('canary-unknown-token')
    expect(everything).not.toContain('canary-state')
  })
})
