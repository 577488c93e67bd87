import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bearer, send } from '../e2e/support/send.ts'
import { createBrowser } from './support/browser.ts'
import { describeApplication } from './support/describe-application.ts'
import { expectIdentified, expectNothingForged, expectRefused } from './support/expect-record.ts'
import { CLIENT, environmentFor, type Issuer, startIssuer } from './support/issuer.ts'
import { type RecordedRun, startApplication } from './support/recorded-application.ts'

const VALIDATE = 'keycloak-connect.prototype.validateToken'

describeApplication('keycloak-connect/bearer-only.mjs', {
  library: 'keycloak-connect',
  hook: VALIDATE,
  claims: (url) => ({ iss: `${url}/realms/orders`, typ: 'Bearer' }),
  // The adapter does not look at `nbf`.
  accepted: ['not_yet_valid'],
  // Its 403 has no challenge.
  hooks: { missing: 'keycloak-connect.prototype.protect' },
  reasons: { insufficient_scope: 'policy_denied' },
  // Everything else is checked before the signature.
  proven: ['insufficient_scope'],
})

describe('a sign-in with keycloak-connect', () => {
  const secrets = ['canary-code', 'canary-refresh', 'canary-client-secret', 'canary-cookie-secret']
  let keycloak: Server
  let issuer: Issuer
  let run: RecordedRun
  const statuses: number[] = []
  const tokens: string[] = []
  const attributesOf = (index: number): Readonly<Record<string, unknown>> =>
    run.requests[index]?.attributes ?? {}

  /** Answers at the token endpoint, and says of every token but the first that it is inactive. */
  function startKeycloak(): Promise<string> {
    keycloak = createServer((request, response) => {
      let body = ''
      request.setEncoding('utf8').on('data', (part: string) => {
        body += part
      })
      request.on('end', () => {
        const form = new URLSearchParams(body)
        const granted = { access_token: tokens[0], refresh_token: 'canary-refresh' }
        const introspected = { active: form.get('token') === tokens[0] }
        response.end(JSON.stringify(form.has('code') ? granted : introspected))
      })
    })
    return new Promise((resolve) =>
      keycloak.listen(0, '127.0.0.1', () =>
        resolve(`http://127.0.0.1:${(keycloak.address() as AddressInfo).port}`),
      ),
    )
  }

  beforeAll(async () => {
    const url = await startKeycloak()
    issuer = await startIssuer(() => ({ iss: `${url}/realms/orders`, typ: 'Bearer' }))
    tokens.push(await issuer.sign({}), await issuer.sign({}))
    const application = await startApplication('keycloak-connect/session.cjs', {
      env: {
        ...environmentFor(issuer),
        FIXTURE_ISSUER: url,
        FIXTURE_CLIENT: CLIENT,
        FIXTURE_CLIENT_SECRET: 'canary-client-secret',
        FIXTURE_COOKIE_SECRET: 'canary-cookie-secret',
      },
    })
    try {
      const browser = createBrowser()
      const login = await browser.open(`${application.url}/v1/orders/7`)
      const back = new URL(login.url.searchParams.get('redirect_uri') ?? '')
      back.searchParams.set('code', 'canary-code')
      statuses.push((await browser.open(back)).status)
      statuses.push((await browser.open(`${application.url}/v1/introspected/7`)).status)
      for (const token of tokens) {
        const headers = bearer(token)
        statuses.push(await send(application.url, { headers, path: '/v1/introspected/8' }))
      }
      run = await application.stop()
      secrets.push(...browser.cookies)
    } finally {
      await application.close()
    }
  })
  afterAll(async () => {
    await issuer.close()
    keycloak.closeAllConnections()
    keycloak.close()
  })

  it('makes the session stand for the token in it', () => {
    expect(statuses).toEqual([200, 200, 200, 401])
    expect(run.requests).toHaveLength(5)
    for (const index of [0, 1, 2]) expectIdentified(run, attributesOf(index))
    expect(attributesOf(1)['http.route']).toBe('/v1/orders/:id')
  })

  it('knows what an introspection said of a token', () => {
    expectIdentified(run, attributesOf(3))
    expectRefused(attributesOf(4), 'inactive')
    expect(attributesOf(4)['oauth.client.id']).toBe(CLIENT)
  })

  it('leaves no secret in a record', () => expectNothingForged(run, [...tokens, ...secrets]))
})
