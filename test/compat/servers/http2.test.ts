import { describeServer, type ServerCase } from './describe-server.ts'
import { exchangeHttp2 } from './exchange-http2.ts'
import { NODES } from './nodes.ts'

const allowed = (path: string, status = 200): ServerCase => ({
  what: path,
  path,
  presented: 'good',
  status,
  record: { 'oauth.decision': 'allow', 'url.path': path, 'http.response.status_code': status },
  identified: true,
})

const order = { path: '/v1/orders/7' }
const refused = (reason: string): Readonly<Record<string, unknown>> => ({
  'url.path': '/v1/orders/7',
  'oauth.decision': 'deny',
  'oauth.rejection.reason': reason,
})

const cases: readonly ServerCase[] = [
  allowed('/v1/orders/7'),
  allowed('/v1/empty', 204),
  allowed('/v1/file'),
  allowed('/v1/nowhere', 404),
  { ...allowed('/v1/orders', 201), what: 'a body', method: 'POST', body: '{"item":"book"}' },
  {
    ...allowed('/v1/events'),
    what: 'a stream of events that the client leaves',
    leaveAfter: 'data: 1\n\n',
    record: { 'url.path': '/v1/events', 'tokentrail.response.streaming': true },
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
  { what: 'an open path', path: '/open', presented: 'missing', status: 200, record: undefined },
]

for (const [version, node] of NODES) {
  for (const FIXTURE_INTERFACE of ['request', 'stream']) {
    const env = { FIXTURE_INTERFACE }
    describeServer('http/http2.mjs', { cases, env, node, version, send: exchangeHttp2 })
  }
}
