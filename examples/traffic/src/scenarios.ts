import { setTimeout as sleep } from 'node:timers/promises'
import * as client from 'openid-client'
import { call, type UserAgent } from './call.ts'
import { forgeToken } from './forge.ts'
import { ORDERS_RESOURCE, REPORTS_RESOURCE, type Parties, type TrafficOptions } from './parties.ts'
import { signIn, type Tokens } from './sign-in.ts'

/** One story that the traffic tells; it throws when the API answers otherwise than expected. */
export interface Scenario {
  readonly name: string
  run(parties: Parties, options: TrafficOptions): Promise<void>
}

function expectStatus(actual: number, expected: number, what: string): void {
  if (actual !== expected) throw new Error(`${what}: expected status ${expected}, got ${actual}`)
}

interface Visit {
  readonly api: string
  readonly tokens: Tokens
  readonly agent?: UserAgent
}

async function expectCall(visit: Visit, target: string, expected: number): Promise<void> {
  const [method = 'GET', path = '/'] = target.split(' ')
  const { agent } = visit
  const options = { method, ...(agent !== undefined && { agent }) }
  expectStatus(await call(visit.api, path, visit.tokens.access_token, options), expected, target)
}

const orders = (options: TrafficOptions, user: string, scope: string) => ({
  user,
  password: options.password,
  resource: ORDERS_RESOURCE,
  scope,
})

const normalUse: Scenario = {
  name: 'a user reads and writes orders, refreshes, and goes on',
  async run({ ordersWeb }, options) {
    const tokens = await signIn(ordersWeb, orders(options, 'alice', 'orders:read orders:write'))
    const visit = { api: options.api, tokens }
    await expectCall(visit, 'GET /v1/orders', 200)
    await expectCall(visit, 'GET /v1/orders/1001', 200)
    await expectCall(visit, 'POST /v1/orders', 201)
    const refreshed = await client.refreshTokenGrant(ordersWeb, tokens.refresh_token ?? '', {
      resource: ORDERS_RESOURCE,
    })
    await expectCall({ api: options.api, tokens: refreshed }, 'GET /v1/orders', 200)
    await expectCall({ api: options.api, tokens: refreshed }, 'GET /v1/unknown', 404)
  },
}

const support: Scenario = {
  name: 'support reads a chart and lacks a scope elsewhere',
  async run({ supportConsole }, options) {
    const tokens = await signIn(supportConsole, orders(options, 'bob', 'orders:read health:read'))
    const visit = { api: options.api, tokens, agent: 'chrome' as const }
    await expectCall(visit, 'GET /v1/patients/77/chart', 200)
    await expectCall(visit, 'GET /v1/orders/1001', 200)
    await expectCall(visit, 'POST /v1/orders', 403)
    await expectCall(visit, 'GET /v1/payments', 403)
  },
}

const KIOSK_TTL_MILLIS = 2_000

const expired: Scenario = {
  name: 'a kiosk goes on with an expired token',
  async run({ kiosk }, options) {
    const tokens = await signIn(kiosk, orders(options, 'carol', 'orders:read'))
    const visit = { api: options.api, tokens, agent: 'kiosk' as const }
    await expectCall(visit, 'GET /v1/orders', 200)
    await sleep(KIOSK_TTL_MILLIS + 1_100)
    await expectCall(visit, 'GET /v1/orders', 401)
  },
}

const forged: Scenario = {
  name: 'somebody forges a token that claims to be alice',
  async run(_parties, options) {
    const token = await forgeToken(options.issuer, ORDERS_RESOURCE, 'alice')
    const status = await call(options.api, '/v1/orders', token, { agent: 'curl' })
    expectStatus(status, 401, 'a forged token')
  },
}

const anonymous: Scenario = {
  name: 'somebody comes without a token',
  async run(_parties, options) {
    expectStatus(await call(options.api, '/v1/orders', undefined), 401, 'no token')
  },
}

const revoked: Scenario = {
  name: 'an opaque token is used, revoked and used again',
  async run({ reportsApp }, options) {
    const tokens = await signIn(reportsApp, {
      ...orders(options, 'dave', 'reports:read'),
      resource: REPORTS_RESOURCE,
    })
    const visit = { api: options.api, tokens, agent: 'chrome' as const }
    await expectCall(visit, 'GET /v1/reports/weekly', 200)
    await client.tokenRevocation(reportsApp, tokens.access_token)
    await expectCall(visit, 'GET /v1/reports/weekly', 401)
  },
}

const machine: Scenario = {
  name: 'a machine client exports orders and payments',
  async run({ nightlyExport }, options) {
    const tokens = await client.clientCredentialsGrant(nightlyExport, {
      scope: 'orders:read payments:read',
      resource: ORDERS_RESOURCE,
    })
    const visit = { api: options.api, tokens, agent: 'curl' as const }
    await expectCall(visit, 'GET /v1/orders', 200)
    await expectCall(visit, 'GET /v1/payments', 200)
  },
}

/** Every story once, in this order, is one round of traffic. */
export const SCENARIOS: readonly Scenario[] = [
  normalUse,
  support,
  machine,
  anonymous,
  forged,
  revoked,
  expired,
]
