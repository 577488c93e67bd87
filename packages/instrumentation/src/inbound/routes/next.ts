import type { ServedRequest } from '../served.ts'

/** Where Next.js (13.4 and later) keeps what its server found out about a request. */
const REQUEST_META = Symbol.for('NextInternalRequestMeta')

interface NextRequest {
  readonly [REQUEST_META]?: {
    readonly match?: { readonly definition?: { readonly pathname?: unknown } }
  }
}

/**
 * Finds the route template of a request that a Next.js server has routed, e.g. `/api/orders/[id]`.
 *
 * @returns Undefined for other frameworks, before routing, and for what is no page or route.
 */
export function findNextRoute(request: ServedRequest): string | undefined {
  const pathname = (request as NextRequest)[REQUEST_META]?.match?.definition?.pathname
  // Pages of its own, such as `/_not-found`, begin so.
  return typeof pathname === 'string' && !pathname.startsWith('/_') ? pathname : undefined
}
