import { describeServer, type ServerCase } from './describe-server.ts'
import { NODES } from './nodes.ts'

const HANDSHAKE = {
  Connection: 'Upgrade',
  Upgrade: 'websocket',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Version': '13',
}
const chat = { path: '/v1/chat', headers: HANDSHAKE }
const recorded = { 'url.path': '/v1/chat', 'http.request.method': 'GET' }

const cases: readonly ServerCase[] = [
  {
    what: 'an accepted handshake',
    ...chat,
    leaveAfter: 'hello alice',
    presented: 'good',
    status: 101,
    record: { ...recorded, 'oauth.decision': 'allow', 'http.response.status_code': 101 },
    identified: true,
  },
  {
    what: 'a handshake without a token',
    ...chat,
    presented: 'missing',
    status: 401,
    record: { ...recorded, 'oauth.decision': 'deny', 'oauth.rejection.reason': 'missing' },
  },
  {
    what: 'a handshake with an expired token',
    ...chat,
    presented: 'expired',
    status: 401,
    record: { ...recorded, 'oauth.decision': 'deny', 'oauth.rejection.reason': 'expired' },
    identified: true,
  },
  {
    what: 'a handshake without the scope',
    ...chat,
    presented: 'insufficient_scope',
    status: 403,
    record: {
      ...recorded,
      'oauth.rejection.reason': 'insufficient_scope',
      'oauth.missing_scopes': ['orders:read'],
    },
    identified: true,
  },
  {
    what: 'a handshake that the library refuses',
    ...chat,
    headers: { ...HANDSHAKE, 'Sec-WebSocket-Version': '7' },
    presented: 'good',
    status: 400,
    record: { ...recorded, 'oauth.decision': 'allow', 'error.type': '400' },
    identified: true,
  },
  {
    what: 'a handshake without an answer',
    path: '/v1/crash',
    headers: HANDSHAKE,
    presented: 'good',
    status: Number.NaN,
    record: { 'url.path': '/v1/crash', 'oauth.decision': 'allow' },
    lacks: ['http.response.status_code'],
    identified: true,
  },
  { what: 'a plain request', path: '/', presented: 'missing', status: 200, record: undefined },
]

for (const [version, node] of NODES) {
  describeServer('http/websocket.mjs', { cases, node, version })
}
