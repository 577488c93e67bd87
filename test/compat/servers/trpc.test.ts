import type { Presented } from '../support/issuer.ts'
import { describeServer, type ServerCase } from './describe-server.ts'

interface Call {
  readonly what: string
  readonly procedures: string
  readonly route?: string
  readonly presented?: Presented
  readonly status?: number
  readonly record?: Readonly<Record<string, unknown>>
}

const CALLS: readonly Call[] = [
  { what: 'a query', procedures: 'orders.get' },
  { what: 'a batch', procedures: 'orders.get,orders.list?batch=1' },
  {
    what: 'a batch of encoded names',
    procedures: 'orders.get%2Corders.list?batch=1',
    route: 'orders.get,orders.list',
  },
  {
    what: 'a procedure that throws',
    procedures: 'orders.broken',
    status: 500,
    record: { 'error.type': '500' },
  },
  {
    what: 'no token',
    procedures: 'orders.get',
    presented: 'missing',
    status: 401,
    record: { 'oauth.rejection.reason': 'missing' },
  },
  {
    what: 'a token without the scope',
    procedures: 'orders.get',
    presented: 'insufficient_scope',
    status: 403,
    record: { 'oauth.rejection.reason': 'insufficient_scope' },
  },
]

function casesBelow(path: string, template: string): readonly ServerCase[] {
  const calls = CALLS.map(
    ({ presented = 'good', procedures, record, route, status = 200, what }): ServerCase => {
      return {
        what,
        path: path + procedures,
        presented,
        status,
        record: {
          'http.route': template + (route ?? procedures.replace('?batch=1', '')),
          ...record,
        },
        ...(presented === 'missing' ? {} : { identified: true }),
      }
    },
  )
  return [
    ...calls,
    {
      what: 'a mutation',
      method: 'POST',
      path: `${path}orders.create`,
      body: '{"item":"book"}',
      presented: 'good',
      status: 200,
      record: { 'http.route': `${template}orders.create` },
      identified: true,
    },
    {
      what: 'a procedure that there is not',
      path: `${path}canary-name`,
      presented: 'good',
      status: 404,
      record: { 'http.route': `${template}:procedure` },
    },
    {
      what: 'an open procedure',
      path: `${path}open`,
      presented: 'missing',
      status: 200,
      record: undefined,
    },
  ]
}

for (const file of ['trpc/server.mjs', 'trpc/server.cjs']) {
  for (const adapter of ['server', 'handler', 'fetch']) {
    describeServer(file, {
      cases: casesBelow('/trpc/', '/trpc/'),
      env: { FIXTURE_ADAPTER: adapter },
    })
  }
  describeServer(file, {
    cases: casesBelow('/tenants/acme/trpc/', '/tenants/:tenant/trpc/'),
    env: { FIXTURE_ADAPTER: 'express' },
  })
}
