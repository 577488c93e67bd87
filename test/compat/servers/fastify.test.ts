import { COLON_TEMPLATES, commonCases, describeServer } from './describe-server.ts'
import { exchangeHttp2 } from './exchange-http2.ts'
import { NODES } from './nodes.ts'

for (const file of ['fastify-4/server.mjs', 'fastify-4/server.cjs', 'fastify-5/server.mjs']) {
  describeServer(file, { cases: commonCases(COLON_TEMPLATES) })
}

for (const [version, node] of NODES.filter(([number]) => number !== '24')) {
  describeServer('fastify-5/server.mjs', { cases: commonCases(COLON_TEMPLATES), node, version })
}

describeServer('fastify-5/server.mjs', {
  cases: commonCases(COLON_TEMPLATES),
  env: { FIXTURE_PROTOCOL: 'http2' },
  send: exchangeHttp2,
})
