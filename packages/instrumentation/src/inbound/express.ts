import type { ServedRequest } from './served.ts'

/** What Express 4 and 5 add to the request. */
interface ExpressRequest {
  readonly baseUrl?: unknown
  readonly route?: { readonly path?: unknown } | null
}

/** A word such as `v1` or `orders`. Anything else in a mount path may be a parameter's value. */
const FIXED_SEGMENT = /^(?:[A-Za-z][A-Za-z._-]{0,31}\d{0,2})?$/

/**
 * Finds the route template of a request that Express 4 or 5 has routed, e.g. `/v1/orders/:id`.
 *
 * `baseUrl` holds the text that matched the mount path, not its template: a segment that does not
 * look like a fixed word is shown as `:param`.
 *
 * @returns Undefined for other frameworks, before routing, and for patterns and lists of paths.
 */
export function findExpressRoute(request: ServedRequest): string | undefined {
  const { baseUrl, route } = request as ExpressRequest
  const path = route?.path
  if (typeof path !== 'string') return undefined
  if (typeof baseUrl !== 'string' || baseUrl === '') return path
  const mount = baseUrl
    .split('/')
    .map((segment) => (FIXED_SEGMENT.test(segment) ? segment : ':param'))
    .join('/')
  return path === '/' ? mount : mount + path
}
