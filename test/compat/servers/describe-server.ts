import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectNothingForged } from '../support/expect-record.ts'
import {
  environmentFor,
  type Issuer,
  type Presented,
  startIssuer,
  SUBJECT,
} from '../support/issuer.ts'
import {
  type DeliveredRecord,
  type RecordedRun,
  startApplication,
} from '../support/recorded-application.ts'
import { exchange, type RawRequest, statusOf } from './raw-exchange.ts'

/** A request, and what must come of it. */
export interface ServerCase extends Omit<RawRequest, 'token'> {
  readonly what: string
  readonly presented: Presented
  /** Signs a token with these claims instead. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Where the token stands. Default is the `Authorization` field; in the path as `{token}`. */
  readonly placed?: 'path'
  readonly status: number
  /** Attributes of its one record; undefined when there must be none. */
  readonly record: Readonly<Record<string, unknown>> | undefined
  /** Attributes that its record must not have. */
  readonly lacks?: readonly string[]
  /** Whether the record names the subject, which the application verified. */
  readonly identified?: true
}

const ALLOWED = { 'oauth.decision': 'allow' }
const DENIED = { 'oauth.decision': 'deny' }

/** Templates of the two routes that every application has. */
export interface Templates {
  readonly order: string
  readonly orders: string
  readonly tenantOrder: string
  readonly broken: string
}

export const COLON_TEMPLATES: Templates = {
  order: '/v1/orders/:id',
  orders: '/v1/orders',
  tenantOrder: '/v1/tenants/:tenant/orders/:id',
  broken: '/v1/broken',
}

/** What is asked of every application, under the names that its framework gives routes. */
export function commonCases(templates: Templates): readonly ServerCase[] {
  const order = { path: '/v1/orders/7' }
  const routed = { 'http.route': templates.order }
  const refused = (reason: string): Readonly<Record<string, unknown>> => ({
    ...DENIED,
    ...routed,
    'oauth.rejection.reason': reason,
  })
  return [
    {
      what: 'a good token',
      ...order,
      presented: 'good',
      status: 200,
      record: { ...ALLOWED, ...routed },
      identified: true,
    },
    { what: 'no token', ...order, presented: 'missing', status: 401, record: refused('missing') },
    {
      what: 'an expired token',
      ...order,
      presented: 'expired',
      status: 401,
      record: refused('expired'),
      identified: true,
    },
    {
      what: 'a forged token',
      ...order,
      presented: 'bad_signature',
      status: 401,
      record: refused('bad_signature'),
    },
    {
      what: 'a token without the scope',
      ...order,
      presented: 'insufficient_scope',
      status: 403,
      record: { ...refused('insufficient_scope'), 'oauth.missing_scopes': ['orders:read'] },
      identified: true,
    },
    {
      what: 'a token that is verified after the body was read',
      method: 'POST',
      path: '/v1/orders',
      body: '{"item":"book"}',
      presented: 'good',
      status: 201,
      record: { ...ALLOWED, 'http.route': templates.orders, 'http.request.method': 'POST' },
      identified: true,
    },
    {
      what: 'a route below a parameter',
      path: '/v1/tenants/acme-4711/orders/7?secret=canary-query',
      presented: 'good',
      status: 200,
      record: { ...ALLOWED, 'http.route': templates.tenantOrder },
      identified: true,
    },
    {
      what: 'a handler that throws',
      path: '/v1/broken',
      presented: 'good',
      status: 500,
      record: { ...ALLOWED, 'http.route': templates.broken, 'error.type': '500' },
      identified: true,
    },
    {
      what: 'a path without a route',
      path: '/nowhere',
      presented: 'good',
      status: 404,
      record: { ...ALLOWED, 'url.path': '/nowhere', 'http.response.status_code': 404 },
    },
    { what: 'an open path', path: '/open', presented: 'missing', status: 200, record: undefined },
  ]
}

/** Options of {@link describeServer}. */
export interface DescribeOptions {
  readonly cases: readonly ServerCase[]
  readonly env?: Readonly<Record<string, string>>
  /** What is special about it. Default is the values of `env`. */
  readonly title?: string
  /** Node that runs it, and its version. Default is the one of the test. */
  readonly node?: string
  readonly version?: string
  /** Sends a request; gives all that came back. Default is {@link exchange}. */
  readonly send?: (url: string, request: RawRequest) => Promise<string>
}

/**
 * Describes an application of `test/libraries`: each request leaves exactly the record that it
 * should, and every response is the same, byte for byte, as without recording.
 */
export function describeServer(file: string, options: DescribeOptions): void {
  const { cases, env = {}, node, send = exchange, version } = options
  const title = options.title ?? Object.values(env).join(' ')
  describe(`the application ${[file, title, version ?? ''].join(' ').trim()}`, () => {
    let issuer: Issuer
    let run: RecordedRun
    const recorded: string[] = []
    const plain: string[] = []

    async function askAll(
      flags: { flags?: readonly string[] },
      into: string[],
    ): Promise<RecordedRun> {
      const environment = { NODE_ENV: 'production', ...environmentFor(issuer), ...env }
      const started = { env: environment, ...flags, ...(node === undefined ? {} : { node }) }
      const application = await startApplication(file, started)
      try {
        for (const one of cases)
          into.push(await send(application.url, await toRequest(one, issuer)))
        return await application.stop()
      } finally {
        await application.close()
      }
    }

    beforeAll(async () => {
      issuer = await startIssuer()
      const [recording] = await Promise.all([askAll({}, recorded), askAll({ flags: [] }, plain)])
      run = recording
    })
    afterAll(() => issuer.close())

    it.each(cases)('answers as without recording: $what', ({ what, status }) => {
      const index = cases.findIndex((one) => one.what === what)
      expect(recorded[index]).toBe(plain[index])
      expect(statusOf(recorded[index] ?? '')).toBe(status)
    })

    const remembered = cases.filter(({ record }) => record !== undefined)
    it('records each request once', () => {
      expect(run.requests).toHaveLength(remembered.length)
    })

    it.each(remembered)('records $what', ({ identified, lacks = [], record, what }) => {
      const found = run.requests[remembered.findIndex((one) => one.what === what)]
      expect(found?.attributes).toMatchObject(record ?? {})
      expect(lacks.filter((name) => name in (found?.attributes ?? {}))).toEqual([])
      expect(targetsIn(found?.attributes)).toEqual(targetsIn(record))
      expect(found?.attributes?.['user.hash']).toBe(
        identified === true ? pseudonymOf(run, SUBJECT) : undefined,
      )
    })

    it('keeps nothing that was forged or secret', () => {
      expectNothingForged(
        run,
        cases.map(({ presented }) => issuer.tokenOf(presented)),
      )
      expect(run.texts.join('\n')).not.toMatch(/canary|acme|alice\/orders/)
    })
  })
}

async function toRequest(one: ServerCase, issuer: Issuer): Promise<RawRequest> {
  const { claims, path, placed, presented, ...request } = one
  const token = claims === undefined ? issuer.tokenOf(presented) : await issuer.sign(claims)
  return placed === 'path'
    ? { ...request, path: path.replace('{token}', token ?? '') }
    : { ...request, path, token }
}

function targetsIn(attributes: object | undefined): readonly string[] {
  return ['http.route', 'url.path'].filter((name) => attributes !== undefined && name in attributes)
}

function pseudonymOf(run: RecordedRun, value: string): unknown {
  const named = (record: DeliveredRecord): boolean =>
    record.attributes?.['tokentrail.identity.value'] === value
  return run.identities.find(named)?.attributes?.['tokentrail.identity.pseudonym']
}
