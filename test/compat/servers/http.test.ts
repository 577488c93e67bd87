import { describeServer, type ServerCase } from './describe-server.ts'
import { NODES } from './nodes.ts'

const allowed = (path: string, status = 200): ServerCase => ({
  what: path,
  path,
  presented: 'good',
  status,
  record: { 'oauth.decision': 'allow', 'url.path': path, 'http.response.status_code': status },
  identified: true,
})

const cases: readonly ServerCase[] = [
  allowed('/v1/orders/7'),
  allowed('/v1/empty', 204),
  allowed('/v1/unchanged', 304),
  allowed('/v1/file'),
  allowed('/v1/chunks'),
  { ...allowed('/v1/file'), what: 'a HEAD request', method: 'HEAD' },
  { ...allowed('/v1/body', 201), method: 'POST', body: '{"a":"body"}' },
  {
    ...allowed('/v1/body', 201),
    what: 'a body in chunks',
    method: 'PUT',
    headers: { 'Transfer-Encoding': 'chunked', 'Content-Length': '' },
    body: '3\r\nabc\r\n0\r\n\r\n',
  },
  {
    what: 'a stream of events that the client leaves',
    path: '/v1/events',
    leaveAfter: 'data: 2\n\n',
    presented: 'good',
    status: 200,
    record: {
      'oauth.decision': 'allow',
      'http.response.status_code': 200,
      'tokentrail.response.streaming': true,
      'url.path': '/v1/events',
    },
    identified: true,
  },
  {
    what: 'a stream of events that ends',
    path: '/v1/mcp',
    presented: 'good',
    status: 200,
    record: {
      'http.response.status_code': 200,
      'tokentrail.response.streaming': true,
      'url.path': '/v1/mcp',
    },
    identified: true,
  },
  {
    what: 'a response that the client does not wait for',
    path: '/v1/half',
    leaveAfter: '12345',
    presented: 'good',
    status: 200,
    lacks: ['http.response.status_code', 'error.type'],
    // Accepted, but whether the client got it is not known: no status.
    record: {
      'oauth.decision': 'allow',
      'url.path': '/v1/half',
    },
    identified: true,
  },
  {
    what: 'a demand for a stronger authentication (RFC 9470)',
    path: '/v1/step-up',
    presented: 'good',
    status: 401,
    record: {
      'oauth.decision': 'deny',
      'oauth.error.code': 'insufficient_user_authentication',
      'oauth.rejection.reason': 'insufficient_authentication',
      'url.path': '/v1/step-up',
    },
    identified: true,
  },
  {
    what: 'an interaction id (FAPI)',
    path: '/v1/orders/7',
    headers: { 'x-fapi-interaction-id': 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a' },
    presented: 'good',
    status: 200,
    record: {
      'oauth.fapi.interaction_id': 'c770aef3-6784-41f7-8e0e-ff5f97bddb3a',
      'url.path': '/v1/orders/7',
    },
    identified: true,
  },
  {
    what: 'a forged interaction id',
    path: '/v1/orders/7',
    headers: { 'x-fapi-interaction-id': 'canary-interaction' },
    lacks: ['oauth.fapi.interaction_id'],
    presented: 'good',
    status: 200,
    record: { 'url.path': '/v1/orders/7' },
    identified: true,
  },
  {
    what: 'a token in the query (RFC 6750, 2.3)',
    path: '/v1/orders/7?access_token={token}&code=canary-code',
    presented: 'good',
    placed: 'path',
    status: 200,
    record: { 'oauth.decision': 'allow', 'url.path': '/v1/orders/7' },
    identified: true,
  },
  {
    what: 'an expired token in the query',
    path: '/v1/orders/7?access_token={token}',
    presented: 'expired',
    placed: 'path',
    status: 401,
    record: {
      'oauth.decision': 'deny',
      'oauth.rejection.reason': 'expired',
      'url.path': '/v1/orders/7',
    },
    identified: true,
  },
  {
    what: 'a forged token',
    path: '/v1/orders/7',
    presented: 'bad_signature',
    status: 401,
    record: { 'oauth.rejection.reason': 'bad_signature', 'url.path': '/v1/orders/7' },
  },
  {
    what: 'a token bound to a key, sent as Bearer (RFC 9449)',
    path: '/v1/orders/7',
    presented: 'good',
    claims: { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } },
    status: 401,
    record: { 'oauth.rejection.reason': 'binding_mismatch', 'url.path': '/v1/orders/7' },
    identified: true,
  },
  {
    what: 'a token bound to a key, sent with its proof',
    path: '/v1/orders/7',
    scheme: 'DPoP',
    headers: { DPoP: 'canary.proof.jws' },
    presented: 'good',
    claims: { cnf: { jkt: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I' } },
    status: 200,
    record: { 'oauth.decision': 'allow', 'url.path': '/v1/orders/7' },
    identified: true,
  },
  { what: 'an open path', path: '/open', presented: 'missing', status: 200, record: undefined },
]

for (const [version, node] of NODES) {
  describeServer('http/server.mjs', { cases, node, version })
}
