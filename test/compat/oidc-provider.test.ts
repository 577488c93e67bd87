import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as client from 'openid-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../e2e/support/send.ts'
import { createBrowser, fieldOf } from './support/browser.ts'
import { createSelfTestFile, type HookState } from './support/hook-states.ts'
import {
  type DeliveredRecord,
  type RecordedApplication,
  type RecordedRun,
  startApplication,
} from './support/recorded-application.ts'
import { createRelyingParty, type SignedIn, signOut } from './support/relying-party.ts'

const REPORTS = 'https://reports.example.com'
const NATIVE = 'http://127.0.0.1/callback'
const WEB = 'https://app.example.com/callback'

/** Clients by what their access tokens say of the sign-in; the rule of the session that follows. */
const RULES = { 'names-session': 'sid', 'names-time': 'auth_time', 'names-nothing': 'token' }

let run: RecordedRun
let issuer: string
const secrets = new Set<string>(['canary-secret-of-machine', 'canary-secret-of-told-of-logout'])

const attributesOf = ({ attributes = {} }: DeliveredRecord): Readonly<Record<string, unknown>> =>
  attributes
const recordsOf = (type: string, clientId: string): readonly DeliveredRecord[] =>
  run.records.filter(
    (record) => record.type === type && attributesOf(record)['oauth.client.id'] === clientId,
  )
const typesOf = (clientId: string): readonly string[] =>
  run.records
    .filter((record) => attributesOf(record)['oauth.client.id'] === clientId)
    .map(({ type, attributes }) =>
      type.startsWith('oauth.token.') && type !== 'oauth.token.observed'
        ? `${type} ${String(attributes?.['oauth.token.type'])}`
        : type,
    )

async function callApi(url: string, tokens: client.TokenEndpointResponse): Promise<void> {
  expect(await send(url, { path: '/v1/orders/7', headers: bearer(tokens.access_token) })).toBe(200)
}

/** The server answers with this error, in a body or a challenge. */
async function expectError(answer: Promise<unknown>, code: string): Promise<void> {
  const error = await answer.then(
    () => ({}),
    (failure: unknown) => failure as { readonly error?: string; readonly cause?: unknown },
  )
  expect(JSON.stringify([error, (error as { cause?: unknown }).cause])).toContain(code)
}

function keep({ browser, code, tokens }: SignedIn): void {
  keepTokens(tokens)
  secrets.add(code)
  for (const cookie of browser.cookies) secrets.add(cookie)
}

function keepTokens(tokens: client.TokenEndpointResponse): void {
  for (const name of ['access_token', 'refresh_token', 'id_token'] as const) {
    const token = tokens[name]
    if (token !== undefined) secrets.add(token)
  }
}

/** Signs in, calls, refreshes, calls, and presents the old refresh token again. */
async function useAndReuse(url: string, clientId: string): Promise<void> {
  const { config, signIn } = await createRelyingParty(url, clientId, NATIVE)
  const signedIn = await signIn()
  keep(signedIn)
  await callApi(url, signedIn.tokens)
  const old = signedIn.tokens.refresh_token ?? ''
  const refreshed = await client.refreshTokenGrant(config, old)
  keepTokens(refreshed)
  await callApi(url, refreshed)
  await expectError(client.refreshTokenGrant(config, old), 'invalid_grant')
}

async function useOpaque(url: string): Promise<void> {
  const { config, signIn } = await createRelyingParty(url, 'names-session', NATIVE)
  const signedIn = await signIn({ resource: REPORTS, scope: 'openid reports:read' })
  keep(signedIn)
  const report = { path: '/v1/reports/weekly', headers: bearer(signedIn.tokens.access_token) }
  expect(await send(url, report)).toBe(200)
  await client.tokenRevocation(config, signedIn.tokens.access_token)
  expect(await send(url, report)).toBe(401)
}

async function useLogout(url: string): Promise<void> {
  const party = await createRelyingParty(
    url,
    'told-of-logout',
    WEB,
    'canary-secret-of-told-of-logout',
  )
  const signedIn = await party.signIn()
  keep(signedIn)
  await signOut(party.config, signedIn.browser)
}

/** What was granted beyond the sign-in goes on after a logout. */
async function useOffline(url: string): Promise<void> {
  const party = await createRelyingParty(url, 'stays-signed-in', NATIVE)
  const scope = 'openid offline_access orders:read'
  const signedIn = await party.signIn({ scope, prompt: 'consent' })
  keep(signedIn)
  await signOut(party.config, signedIn.browser)
  keepTokens(await client.refreshTokenGrant(party.config, signedIn.tokens.refresh_token ?? ''))
}

async function useRevocation(url: string): Promise<void> {
  const party = await createRelyingParty(url, 'revokes', NATIVE)
  const signedIn = await party.signIn()
  keep(signedIn)
  const { refresh_token = '' } = signedIn.tokens
  await client.tokenRevocation(party.config, refresh_token, { token_type_hint: 'refresh_token' })
}

async function useBinding(url: string): Promise<void> {
  const { config, signIn } = await createRelyingParty(url, 'binds', NATIVE)
  keep(
    await signIn({ DPoP: client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256')) }),
  )
}

/** Errors of the endpoints that browsers are sent to, and that requests are pushed to. */
async function useRefusals(url: string): Promise<void> {
  const asked = { client_id: 'revokes', redirect_uri: NATIVE, response_type: 'code' }
  const challenge = { code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' }
  const silent = new URLSearchParams({ ...asked, ...challenge, scope: 'openid', prompt: 'none' })
  const { browser } = await (await createRelyingParty(url, 'names-time', NATIVE)).signIn()
  for (const one of [createBrowser(), browser]) await one.open(`${url}/auth?${String(silent)}`)
  const pushed = new URLSearchParams({ ...asked, ...challenge, scope: 'openid', prompt: 'all' })
  await fetch(`${url}/request`, { method: 'POST', body: pushed })
}

async function useMachine(url: string): Promise<void> {
  const { config } = await createRelyingParty(url, 'machine', NATIVE, 'canary-secret-of-machine')
  const tokens = await client.clientCredentialsGrant(config, { scope: 'orders:read' })
  keepTokens(tokens)
  await callApi(url, tokens)
  await expectError(
    client.clientCredentialsGrant(config, { scope: 'orders:write' }),
    'invalid_scope',
  )
  const wrong = await createRelyingParty(url, 'machine', NATIVE, 'canary-wrong-secret')
  secrets.add('canary-wrong-secret')
  await expectError(client.clientCredentialsGrant(wrong.config), 'invalid_client')
}

async function useDevice(url: string): Promise<void> {
  const { config } = await createRelyingParty(url, 'tv', NATIVE)
  const { browser } = await (await createRelyingParty(url, 'names-time', NATIVE)).signIn()
  const started = await client.initiateDeviceAuthorization(config, { scope: 'openid orders:read' })
  for (const secret of [started.device_code, started.user_code]) secrets.add(secret)
  const grant = 'urn:ietf:params:oauth:grant-type:device_code'
  const asked = { device_code: started.device_code }
  await expectError(client.genericGrantRequest(config, grant, asked), 'authorization_pending')
  const page = await browser.open(started.verification_uri)
  const form = { xsrf: fieldOf(page, 'xsrf'), user_code: started.user_code }
  const confirm = await browser.open(started.verification_uri, form)
  const confirmed = { ...form, xsrf: fieldOf(confirm, 'xsrf'), confirm: 'yes' }
  await browser.open(started.verification_uri, confirmed)
  const tokens = await client.genericGrantRequest(config, grant, asked)
  keepTokens(tokens)
  await callApi(url, tokens)
}

async function useRegistration(url: string): Promise<void> {
  const json = { 'content-type': 'application/json' }
  const body = JSON.stringify({ redirect_uris: ['https://new.example.com/callback'] })
  const created = await fetch(new URL('/reg', url), { method: 'POST', headers: json, body })
  const metadata = (await created.json()) as Record<string, string>
  const { registration_access_token = '', registration_client_uri = '' } = metadata
  secrets.add(registration_access_token)
  secrets.add(metadata['client_secret'] ?? '')
  const deleted = await fetch(registration_client_uri, {
    method: 'DELETE',
    headers: bearer(registration_access_token),
  })
  expect(deleted.status).toBe(204)
}

async function startListener(): Promise<Server> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

describe('an authorization server over oidc-provider', () => {
  let listener: Server
  let application: RecordedApplication
  let state: HookState
  const selfTest = createSelfTestFile()
  beforeAll(async () => {
    listener = await startListener()
    const { port } = listener.address() as AddressInfo
    application = await startApplication('oidc-provider/server.mjs', {
      env: { ...selfTest.env, FIXTURE_BACKCHANNEL: `http://127.0.0.1:${port}/logout` },
    })
    issuer = application.url
    for (const clientId of Object.keys(RULES)) await useAndReuse(issuer, clientId)
    await useOpaque(issuer)
    await useLogout(issuer)
    await useOffline(issuer)
    await useRevocation(issuer)
    await useBinding(issuer)
    await useRefusals(issuer)
    await useMachine(issuer)
    await useDevice(issuer)
    await useRegistration(issuer)
    state = await selfTest.becomes('oidc-provider', 'live')
    run = await application.stop()
  })
  afterAll(async () => {
    listener.close()
    selfTest.remove()
    await application.close()
  })

  it('has its hooks live', () => {
    expect(state).toMatchObject({ state: 'live', versions: ['9.13.3'] })
  })

  it.each(Object.entries(RULES))(
    'begins the session of %s with its first tokens, by rule %s, and ends it when a token is reused',
    (clientId, rule) => {
      const refresh = ['access_token', 'refresh_token', 'id_token'].map(
        (type) => `oauth.token.refreshed ${type}`,
      )
      const replaced = rule === 'token' ? ['oauth.session.end', 'oauth.session.start'] : []
      const expected = [
        'oauth.token.issued authorization_code',
        'oauth.session.start',
        'oauth.token.issued access_token',
        'oauth.token.issued refresh_token',
        'oauth.token.issued id_token',
        'oauth.token.observed',
        'oauth.request',
        ...replaced,
        ...refresh,
        'oauth.token.observed',
        'oauth.request',
        'oauth.token.revoked refresh_token',
        'oauth.session.end',
        'oauth.grant.revoked',
        'oauth.request.rejected',
      ]
      expect(typesOf(clientId).slice(0, expected.length)).toEqual(expected)
      const [start] = recordsOf('oauth.session.start', clientId)
      expect(start?.attributes).toMatchObject({
        'oauth.session.start_reason': 'issuance',
        'oauth.session.derivation': rule,
        'oauth.authentication.methods': ['pwd'],
        'oauth.authentication.context_class': 'urn:example:silver',
        'oauth.token.subject_type': 'user',
        'http.response.status_code': 200,
        'url.path': '/token',
      })
    },
  )

  it('names one session in the records of the server and of the API, whatever tokens say', () => {
    const issued = run.records.filter(({ type }) => /^oauth\.token\.(issued|refreshed)$/.test(type))
    const accepted = run.requests.filter(
      ({ attributes = {}, type }) =>
        type === 'oauth.request' && String(attributes['url.path']).startsWith('/v1/'),
    )
    expect(accepted.map(({ attributes }) => attributes?.['oauth.client.id'])).toEqual([
      ...Object.keys(RULES).flatMap((clientId) => [clientId, clientId]),
      'names-session',
      'machine',
      'tv',
    ])
    for (const request of accepted) {
      const token = attributesOf(request)['oauth.token.fingerprint']
      const [of, ...others] = issued.filter(
        (record) => attributesOf(record)['oauth.token.fingerprint'] === token,
      )
      expect(others).toEqual([])
      expect(of?.session).toBe(request.session)
      // A machine has no grant of a user.
      const { 'oauth.client.id': clientId, 'oauth.grant.id': grant } = attributesOf(of ?? request)
      expect(typeof grant).toBe(clientId === 'machine' ? 'undefined' : 'string')
    }
  })

  it('replaces the session of tokens that name no sign-in at each refresh', () => {
    const [first, second] = recordsOf('oauth.session.start', 'names-nothing')
    const [end] = recordsOf('oauth.session.end', 'names-nothing')
    expect(second?.attributes).toMatchObject({ 'oauth.session.previous_id': first?.session })
    expect(end).toMatchObject({
      session: first?.session,
      attributes: { 'oauth.session.end_reason': 'replaced' },
    })
  })

  it('joins what is issued to what it was made from', () => {
    const [code, access, refresh] = recordsOf('oauth.token.issued', 'names-session')
    const [refreshed] = recordsOf('oauth.token.refreshed', 'names-session')
    expect(access?.attributes).toMatchObject({
      'oauth.token.parent.type': 'authorization_code',
      'oauth.token.parent.fingerprint': code?.attributes?.['oauth.token.fingerprint'],
      'oauth.grant.type': 'authorization_code',
      'oauth.client.auth_method': 'none',
      'oauth.token.format': 'jwt',
      'oauth.token.scopes': ['orders:read'],
      'oauth.token.audiences': ['https://orders.example.com'],
    })
    expect(refreshed?.attributes).toMatchObject({
      'oauth.token.parent.type': 'refresh_token',
      'oauth.token.parent.fingerprint': refresh?.attributes?.['oauth.token.fingerprint'],
    })
    expect(refresh?.attributes).not.toHaveProperty(['oauth.token.id'])
  })

  it('tells a reused refresh token from other bad grants, and whose it was', () => {
    const [reused] = recordsOf('oauth.request.rejected', 'names-session')
    const [code, , refresh] = recordsOf('oauth.token.issued', 'names-session')
    expect(reused?.attributes).toMatchObject({
      'oauth.rejection.reason': 'reused',
      'oauth.error.code': 'invalid_grant',
      'oauth.decision': 'deny',
      'oauth.grant.type': 'refresh_token',
      'oauth.grant.id': code?.attributes?.['oauth.grant.id'],
      'oauth.token.fingerprint': refresh?.attributes?.['oauth.token.fingerprint'],
      'user.hash': refresh?.attributes?.['user.hash'],
      'http.response.status_code': 400,
    })
  })

  it('records an introspection and a revocation of an opaque token without its id', () => {
    const [introspected] = recordsOf('oauth.token.introspected', 'names-session')
    const revoked = recordsOf('oauth.token.revoked', 'names-session').at(-1)
    expect(introspected?.attributes).toMatchObject({
      'oauth.validation.method': 'lookup',
      'oauth.token.format': 'opaque',
    })
    expect(introspected?.attributes).not.toHaveProperty(['oauth.token.id'])
    expect(revoked?.attributes).toMatchObject({
      'oauth.token.type': 'access_token',
      'oauth.token.fingerprint': introspected?.attributes?.['oauth.token.fingerprint'],
    })
  })

  it('ends the session of a client that was told of the logout, once', () => {
    const [start] = recordsOf('oauth.session.start', 'told-of-logout')
    const ends = recordsOf('oauth.session.end', 'told-of-logout')
    expect(
      ends.map(({ attributes, session }) => [session, attributes?.['oauth.session.end_reason']]),
    ).toEqual([[start?.session, 'backchannel_logout']])
    expect(recordsOf('oauth.grant.revoked', 'told-of-logout')).toHaveLength(1)
  })

  it('goes on with what was granted beyond the sign-in', () => {
    expect(recordsOf('oauth.session.start', 'stays-signed-in')).toHaveLength(1)
    expect(recordsOf('oauth.token.refreshed', 'stays-signed-in')).not.toHaveLength(0)
    expect(recordsOf('oauth.session.end', 'stays-signed-in')).toEqual([])
  })

  it('ends the session whose refresh token its client has revoked', () => {
    const [start] = recordsOf('oauth.session.start', 'revokes')
    const [end] = recordsOf('oauth.session.end', 'revokes')
    const [revoked] = recordsOf('oauth.token.revoked', 'revokes')
    expect(end).toMatchObject({
      session: start?.session,
      attributes: { 'oauth.session.end_reason': 'revoked', 'url.path': '/token/revocation' },
    })
    expect(revoked).toMatchObject({
      session: start?.session,
      attributes: { 'oauth.token.type': 'refresh_token' },
    })
  })

  it('says which tokens are bound to a key', () => {
    const bound = recordsOf('oauth.token.issued', 'binds').map(({ attributes = {} }) => [
      attributes['oauth.token.type'],
      attributes['oauth.token.binding.method'],
    ])
    expect(bound).toEqual([
      ['authorization_code', undefined],
      ['access_token', 'dpop'],
      ['refresh_token', 'dpop'],
      ['id_token', undefined],
    ])
  })

  it('names at the authorization endpoint whoever is signed in', () => {
    const refused = run.requests
      .filter(({ attributes = {} }) =>
        ['/auth', '/request'].includes(String(attributes['url.path'])),
      )
      .map(({ attributes = {} }) => [
        attributes['oauth.rejection.reason'],
        attributes['oauth.client.id'],
        typeof attributes['user.hash'],
        attributes['http.response.status_code'],
      ])
    expect(refused).toEqual([
      ['interaction_required', undefined, 'undefined', 303],
      ['interaction_required', 'revokes', 'string', 303],
      ['malformed', undefined, 'undefined', 400],
    ])
  })

  it('names a refused client only once it has proven who it is', () => {
    const refused = run.requests.filter(
      ({ attributes = {}, type }) =>
        type === 'oauth.request.rejected' && attributes['url.path'] === '/token',
    )
    const summary = refused.map(({ attributes = {} }) => [
      attributes['oauth.rejection.reason'],
      attributes['oauth.client.id'],
      attributes['http.response.status_code'],
    ])
    expect(summary).toEqual([
      ...Object.keys(RULES).map((clientId) => ['reused', clientId, 400]),
      ['scope_refused', 'machine', 400],
      ['client_rejected', undefined, 401],
    ])
  })

  it('records a device code, not the asking for it again and again', () => {
    const [code, access] = recordsOf('oauth.token.issued', 'tv')
    expect(code?.attributes).toMatchObject({
      'oauth.token.type': 'device_code',
      'oauth.token.subject_type': 'unknown',
    })
    expect(access?.attributes).toMatchObject({
      'oauth.token.parent.type': 'device_code',
      'oauth.token.parent.fingerprint': code?.attributes?.['oauth.token.fingerprint'],
      'user.hash': recordsOf('oauth.request', 'tv')[0]?.attributes?.['user.hash'],
    })
  })

  it('records what becomes of client registrations', () => {
    const changed = run.records.filter(({ type }) => type === 'oauth.client.changed')
    expect(changed.map(({ attributes = {} }) => attributes['http.request.method'])).toEqual([
      'POST',
      'DELETE',
    ])
    expect(new Set(changed.map(({ attributes = {} }) => attributes['oauth.client.id'])).size).toBe(
      1,
    )
  })

  it('lets no token, code, secret or cookie out', () => {
    const everything = run.texts.join('\n') + run.output
    expect(secrets.size).toBeGreaterThan(30)
    for (const secret of secrets) expect(everything).not.toContain(secret)
  })
})
