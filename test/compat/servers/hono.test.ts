import { COLON_TEMPLATES, commonCases, describeServer } from './describe-server.ts'
import { NODES } from './nodes.ts'

for (const file of ['hono/server.mjs', 'hono/server.cjs']) {
  describeServer(file, { cases: commonCases(COLON_TEMPLATES) })
}

for (const [version, node] of NODES.filter(([number]) => number !== '24')) {
  describeServer('hono/server.mjs', { cases: commonCases(COLON_TEMPLATES), node, version })
}
