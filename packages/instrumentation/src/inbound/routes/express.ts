import type { ServedRequest } from '../served.ts'
import { findIntendedRoute } from './express-intended.ts'
import type { ExpressApplication } from './express-layers.ts'
import { findMountTemplate } from './express-mounts.ts'

/** What Express 4 and 5 add to the request. */
interface ExpressRequest {
  readonly baseUrl?: unknown
  readonly route?: { readonly path?: unknown } | null
  readonly app?: unknown
  readonly originalUrl?: unknown
  readonly res?: { readonly statusCode?: unknown }
}

/**
 * Finds the route template of a request that Express 4 or 5 has routed, e.g.
 * `/v1/tenants/:tenant/orders/:id`; of one that was refused in front of the routes, that of the
 * route that it was meant for.
 *
 * @returns Undefined for other frameworks, before routing, and for patterns and lists of paths.
 */
export function findExpressRoute(request: ServedRequest): string | undefined {
  const { app, res, route } = request as ExpressRequest
  const path = route?.path
  if (typeof path === 'string') {
    const mount = findExpressMount(request, route)
    return path === '/' && mount !== '' ? mount : mount + path
  }
  const isRefused = res?.statusCode === 401 || res?.statusCode === 403
  if (route || !isRefused || !isApplication(app)) return undefined
  return findIntendedRoute(
    app,
    request.method ?? 'GET',
    findOriginalPath(request as ExpressRequest),
  )
}

function findOriginalPath({ originalUrl }: ExpressRequest): string {
  return typeof originalUrl === 'string' ? originalUrl.replace(/[?#].*$/s, '') : ''
}

function isApplication(app: unknown): app is ExpressApplication {
  return typeof app === 'function'
}

/**
 * Finds the template of the path that the routers are mounted on which led to a request's handler;
 * empty when there are none.
 *
 * @param route - The route that they led to; undefined for a middleware.
 */
export function findExpressMount(request: ServedRequest, route: unknown): string {
  const { app, baseUrl } = request as ExpressRequest
  if (typeof baseUrl !== 'string' || baseUrl === '') return ''
  const template = isApplication(app) ? findMountTemplate(app, baseUrl, route) : undefined
  return template ?? hideSegments(baseUrl)
}

/** Any segment of a mount path whose template is not known may be a parameter's value. */
function hideSegments(path: string): string {
  return path.replaceAll(/[^/]+/g, (segment) =>
    /^(?:api|v\d{1,3})$/.test(segment) ? segment : ':param',
  )
}
