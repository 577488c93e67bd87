import { COLON_TEMPLATES, commonCases, describeServer } from './describe-server.ts'
import { exchangeHttp2 } from './exchange-http2.ts'
import { NODES } from './nodes.ts'

for (const file of ['hono/server.mjs', 'hono/server.cjs']) {
  describeServer(file, { cases: commonCases(COLON_TEMPLATES) })
}

for (const [version, node] of NODES.filter(([number]) => number !== '24')) {
  describeServer('hono/server.mjs', { cases: commonCases(COLON_TEMPLATES), node, version })
}

describeServer('hono/server.mjs', {
  cases: commonCases(COLON_TEMPLATES),
  env: { FIXTURE_PROTOCOL: 'http2' },
  send: exchangeHttp2,
})
