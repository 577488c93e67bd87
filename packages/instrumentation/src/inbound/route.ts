import type { Decision } from '../decision.ts'
import { findExpressRoute } from './routes/express.ts'
import { findNextRoute } from './routes/next.ts'
import type { ServedRequest } from './served.ts'

/** Finds the route template of a request that its framework has routed, in the request object. */
type RouteFinder = (request: ServedRequest) => string | undefined

/** One entry per framework; the first answer counts: Next.js may be served by Express. */
const ROUTE_FINDERS: readonly RouteFinder[] = [findNextRoute, findExpressRoute]

const MAX_LENGTH = 1_024

/**
 * Finds the route template of a request, at its end, when the framework has routed it: what a hook
 * was told, else what the framework left in the request.
 *
 * @param spanRoute - What an OpenTelemetry framework instrumentation put into the RPC metadata; it
 *   knows mount templates, so it wins.
 */
export function findRoute(
  decision: Pick<Decision, 'request' | 'route'>,
  spanRoute: string | undefined,
): string | undefined {
  const { request } = decision
  const told = spanRoute || decision.route
  if (told && !CATCH_ALL.test(told)) return told.slice(0, MAX_LENGTH)
  for (const find of ROUTE_FINDERS) {
    const route = findSafely(find, request)
    if (route !== undefined) return route.slice(0, MAX_LENGTH)
  }
  return told || undefined
}

/** A route for every path, behind which another framework may know better. */
const CATCH_ALL = /^\/?\*$/

/** A framework whose objects look otherwise than expected must not cost the request its record. */
function findSafely(find: RouteFinder, request: ServedRequest): string | undefined {
  try {
    return find(request)
  } catch {
    return undefined
  }
}

/**
 * Returns the path of a request target (RFC 9112 §3.2) without query and fragment, which may carry
 * credentials. Frameworks rewrite `url` for mounted routers and keep the original beside it.
 */
export function findPath(request: ServedRequest): string | undefined {
  const { originalUrl } = request as { readonly originalUrl?: unknown }
  const target = typeof originalUrl === 'string' ? originalUrl : request.url
  if (target === undefined) return undefined
  const absolute = /^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i.exec(target)?.[0] ?? ''
  const path = target.slice(absolute.length)
  const end = path.search(/[?#]/)
  const bare = (end === -1 ? path : path.slice(0, end)).slice(0, MAX_LENGTH)
  return bare === '' ? '/' : bare
}
