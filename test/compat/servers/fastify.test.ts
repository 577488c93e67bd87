import { COLON_TEMPLATES, commonCases, describeServer } from './describe-server.ts'

// Fastify keeps the slash of a route that is registered as one.
const templates = { ...COLON_TEMPLATES, orders: '/v1/orders' }

for (const version of ['fastify-4', 'fastify-5']) {
  describeServer(`${version}/server.mjs`, { cases: commonCases(templates) })
}
