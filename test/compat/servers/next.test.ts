import { beforeAll } from 'vitest'
import { buildNext } from './build-next.ts'
import { commonCases, describeServer, type ServerCase } from './describe-server.ts'

const BUILD_TIMEOUT_MILLIS = 100_000

beforeAll(buildNext, BUILD_TIMEOUT_MILLIS)

const templates = {
  order: '/api/v1/orders/[id]',
  orders: '/api/v1/orders',
  tenantOrder: '/api/v1/tenants/[tenant]/orders/[id]',
  broken: '/api/v1/broken',
}

/** Its route handlers are below `/api`. */
function belowApi(one: ServerCase): ServerCase {
  return one.path === '/nowhere' ? one : { ...one, path: `/api${one.path}` }
}

describeServer('next/start.mjs', { cases: commonCases(templates).map(belowApi) })
