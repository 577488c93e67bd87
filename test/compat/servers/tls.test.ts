import { connect } from 'node:tls'
import { createSelfSigned } from '../../../packages/instrumentation/test/self-signed.ts'
import { describeServer, type ServerCase } from './describe-server.ts'
import { exchangeHttp2 } from './exchange-http2.ts'
import { exchangeOver, type RawRequest } from './raw-exchange.ts'

const server = createSelfSigned('api.example.com')
const client = createSelfSigned('orders-client')
const options = { key: client.key, cert: client.cert, rejectUnauthorized: false }

const order = { path: '/v1/orders/7' }
const recorded = { 'url.path': '/v1/orders/7' }

const cases: readonly ServerCase[] = [
  {
    what: 'a good token',
    ...order,
    presented: 'good',
    status: 200,
    record: { ...recorded, 'oauth.decision': 'allow' },
    identified: true,
  },
  {
    what: 'no token',
    ...order,
    presented: 'missing',
    status: 401,
    record: { ...recorded, 'oauth.rejection.reason': 'missing' },
  },
  {
    what: 'a token for this certificate (RFC 8705)',
    ...order,
    presented: 'good',
    claims: { cnf: { 'x5t#S256': client.thumbprint } },
    status: 200,
    record: { ...recorded, 'oauth.decision': 'allow' },
    identified: true,
  },
  {
    what: 'a token for another certificate',
    ...order,
    presented: 'good',
    claims: { cnf: { 'x5t#S256': server.thumbprint } },
    status: 401,
    record: { ...recorded, 'oauth.rejection.reason': 'binding_mismatch' },
    identified: true,
  },
]

const env = { FIXTURE_TLS_KEY: server.key, FIXTURE_TLS_CERT: server.cert }

function overTls(url: string, request: RawRequest): Promise<string> {
  const { hostname: host, port } = new URL(url)
  return exchangeOver(connect({ host, port: Number(port), ...options }), request)
}

function overHttp2(url: string, request: RawRequest): Promise<string> {
  return exchangeHttp2(url.replace('http:', 'https:'), request, options)
}

describeServer('http/tls.mjs', { title: 'https', cases, env, send: overTls })

for (const [title, send] of [
  ['HTTP/2 over TLS', overHttp2],
  ['HTTP/1.1 on an HTTP/2 server', overTls],
] as const) {
  describeServer('http/tls.mjs', { title, cases, env: { ...env, FIXTURE_SERVER: 'http2' }, send })
}
