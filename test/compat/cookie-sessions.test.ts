import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Browser, createBrowser } from './support/browser.ts'
import { CLIENT, environmentFor, type Issuer, startIssuer, SUBJECT } from './support/issuer.ts'
import {
  type DeliveredRecord,
  type RecordedRun,
  startApplication,
} from './support/recorded-application.ts'

const SECRETS = [
  'canary-session-secret',
  'canary-password-of-32-characters-or-more',
  'canary-auth-secret-of-32-characters-or-more',
]
const LOGOUT = { 'http://schemas.openid.net/event/backchannel-logout': {} }
const AUTH_TIME = 1_795_467_491

/** How a browser signs in and out of each application. */
interface Doors {
  readonly signIn: (browser: Browser, url: string, idToken: string) => Promise<unknown>
  readonly signOut: (browser: Browser, url: string) => Promise<unknown>
}

const own: Doors = {
  signIn: (browser, url, id_token) => browser.open(`${url}/callback`, { id_token }),
  signOut: (browser, url) => browser.open(`${url}/logout`, {}),
}

async function csrfTokenOf(browser: Browser, url: string): Promise<string> {
  const { page } = await browser.open(`${url}/auth/csrf`)
  return (JSON.parse(page) as { csrfToken: string }).csrfToken
}

const authJs: Doors = {
  signIn: async (browser, url, id_token) => {
    const csrfToken = await csrfTokenOf(browser, url)
    await browser.open(`${url}/auth/callback/credentials`, { csrfToken, id_token })
  },
  signOut: async (browser, url) => {
    await browser.open(`${url}/auth/signout`, { csrfToken: await csrfTokenOf(browser, url) })
  },
}

describe.each([
  ['express-session.mjs', own],
  ['iron-session.mjs', own],
  ['auth.mjs', authJs],
])('sessions in cookies: %s', (file, { signIn, signOut }) => {
  let issuer: Issuer
  let run: RecordedRun
  const secrets = new Set<string>(SECRETS)
  const statuses: number[] = []
  const attributesOf = ({ attributes = {} }: DeliveredRecord): Readonly<Record<string, unknown>> =>
    attributes
  const placeOf = (record: DeliveredRecord): unknown =>
    attributesOf(record)['http.route'] ?? attributesOf(record)['url.path']

  const idTokenOf = (sid: string): Promise<string> =>
    issuer.sign({ aud: CLIENT, sid, auth_time: AUTH_TIME, amr: ['pwd'] })

  async function signInAs(sid: string, url: string): Promise<Browser> {
    const browser = createBrowser()
    const idToken = await idTokenOf(sid)
    secrets.add(idToken)
    await signIn(browser, url, idToken)
    return browser
  }

  const call = async (browser: Browser, url: string, form?: Record<string, string>) => {
    const { status } = await browser.open(url, form)
    statuses.push(status)
  }

  beforeAll(async () => {
    issuer = await startIssuer()
    const application = await startApplication(`cookie-sessions/${file}`, {
      env: environmentFor(issuer),
    })
    const { url } = application
    try {
      await call(createBrowser(), `${url}/v1/orders/none`)
      const first = await signInAs('session-1', url)
      await call(first, `${url}/v1/orders/read`)
      await call(first, `${url}/v1/orders/written`, { amount: '7' })
      await signOut(first, url)
      await call(first, `${url}/v1/orders/after`)
      const second = await signInAs('session-2', url)
      await call(second, `${url}/v1/orders/again`)
      const logout_token = await issuer.sign({ aud: CLIENT, sid: 'session-2', events: LOGOUT })
      await createBrowser().open(`${url}/backchannel-logout`, { logout_token })
      await call(second, `${url}/v1/orders/ended`)
      for (const { cookies } of [first, second]) for (const one of cookies) secrets.add(one)
      secrets.add(logout_token)
      run = await application.stop()
    } finally {
      await application.close()
    }
  })
  afterAll(() => issuer.close())

  it('answers as the application means to', () => {
    expect(statuses).toEqual([401, 200, 200, 401, 200, 401])
  })

  it('records each request that a session stands for, and no other', () => {
    const paths = run.requests.map((record) => [record.type, placeOf(record)])
    const isOrder = ([, path]: readonly unknown[]): boolean => String(path).startsWith('/v1/')
    const route = file === 'express-session.mjs' ? '/v1/orders/:id' : undefined
    expect(paths.filter(isOrder)).toEqual([
      ['oauth.request', route ?? '/v1/orders/read'],
      ['oauth.request', route ?? '/v1/orders/written'],
      ['oauth.request', route ?? '/v1/orders/again'],
    ])
  })

  it('attributes them to the user and the client, looked up and not verified', () => {
    const requests = run.requests.filter(
      ({ attributes }) => attributes?.['user.hash'] !== undefined,
    )
    const identity = run.identities.find(
      ({ attributes }) => attributes?.['tokentrail.identity.value'] === SUBJECT,
    )
    for (const request of requests) {
      expect(request.attributes).toMatchObject({
        'oauth.client.id': CLIENT,
        'oauth.decision': 'allow',
        'user.hash': identity?.attributes?.['tokentrail.identity.pseudonym'],
      })
    }
    const observed = run.records.filter(({ type }) => type === 'oauth.token.observed')
    expect(observed).toHaveLength(2)
    for (const token of observed) {
      expect(attributesOf(token)).toMatchObject({
        'oauth.token.type': 'id_token',
        'oauth.validation.method': 'lookup',
        'oauth.session.derivation': 'sid',
        'oauth.issuer': issuer.url,
        'oauth.authentication.time': '2026-11-23T20:58:11Z',
        'tokentrail.capture.hook': 'identifySession',
      })
    }
  })

  it('ends the sessions that were signed out, here or by the authorization server', () => {
    const ends = run.records.filter(({ type }) => type === 'oauth.session.end')
    expect(ends.map(({ attributes }) => attributes?.['oauth.session.end_reason'])).toEqual([
      'logout',
      'backchannel_logout',
    ])
    const sessions = new Set(
      run.requests.flatMap(({ session }) => (session === undefined ? [] : [session])),
    )
    expect(ends.map(({ session }) => session)).toEqual([...sessions])
    expect(placeOf(ends[1] ?? { type: '' })).toBe('/backchannel-logout')
  })

  it('lets no cookie, token or secret out', () => {
    const everything = run.texts.join('\n') + run.output
    expect(secrets.size).toBeGreaterThan(7)
    for (const secret of secrets) expect(everything).not.toContain(secret)
  })
})
