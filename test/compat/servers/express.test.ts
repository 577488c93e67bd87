import { COLON_TEMPLATES, commonCases, describeServer, type ServerCase } from './describe-server.ts'

const order = (path: string, route: string): ServerCase => ({
  what: path,
  path,
  presented: 'good',
  status: 200,
  record: { 'oauth.decision': 'allow', 'http.route': route },
  identified: true,
})

const cases = [
  ...commonCases(COLON_TEMPLATES),
  // A value that reads like a fixed word.
  order('/v1/tenants/alice/orders/7', '/v1/tenants/:tenant/orders/:id'),
  order('/v1/tenants/a%20b/orders/7', '/v1/tenants/:tenant/orders/:id'),
  // Two mounts that match the same text.
  order('/people/me/orders/7', '/people/me/orders/:id'),
  order('/people/alice/orders/7', '/people/:name/orders/:id'),
  order('/admin/of-acme/nested/orders/7', '/admin/of-:tenant/nested/orders/:id'),
]

/** Refused by a middleware in front of the routes. */
const refused = (method: string, path: string, target: object): ServerCase => ({
  what: `${method} ${path} without a token`,
  method,
  path,
  presented: 'missing',
  status: 401,
  record: { 'oauth.rejection.reason': 'missing', ...target },
})
cases.push(
  order('/v2/people/alice', '/v2/people/:name'),
  refused('GET', '/v2/people/alice', { 'http.route': '/v2/people/:name' }),
  refused('HEAD', '/v2/people/alice', { 'http.route': '/v2/people/:name' }),
  refused('DELETE', '/v2/people/alice', { 'url.path': '/v2/people/alice' }),
  refused('GET', '/v2/files/report', { 'url.path': '/v2/files/report' }),
  refused('GET', '/v2/nowhere', { 'url.path': '/v2/nowhere' }),
)

for (const version of ['express-4', 'express-5']) {
  describeServer(`${version}/server.mjs`, { cases })
}
