import {
  type ExpressApplication,
  type Layer,
  matchLayer,
  MAX_TRIED,
  dropMount,
  readMountPath,
  readRouter,
  type Router,
  templateOf,
} from './express-layers.ts'

/**
 * Finds the template behind the text of a mount path. Express keeps only the text in the request,
 * in which a parameter's value looks like any segment; the layers of the application's routers
 * know.
 *
 * @param baseUrl - What the request says, e.g. `/tenants/acme/orders`.
 * @param route - The route that the innermost router led to, by which mounts that match the same
 *   text are told apart; undefined for a middleware.
 * @returns Undefined when no chain of layers matches.
 */
export function findMountTemplate(
  application: ExpressApplication,
  baseUrl: string,
  route: unknown,
): string | undefined {
  const outer = readMountPath(application)
  if (outer === undefined) return undefined
  const rest = dropMount(baseUrl, outer)
  const search = { route, tried: 0 }
  const template = rest === '' ? '' : findIn(readRouter(application), rest, search)
  return template === undefined ? undefined : outer + template
}

interface Search {
  readonly route: unknown
  tried: number
}

function findIn(router: Router | undefined, rest: string, search: Search): string | undefined {
  for (const layer of router?.stack ?? []) {
    if (layer.route !== undefined) continue
    search.tried += 1
    if (search.tried > MAX_TRIED) return undefined
    const template = findThrough(layer, rest, search)
    if (template !== undefined) return template
  }
  return undefined
}

function findThrough(layer: Layer, rest: string, search: Search): string | undefined {
  const match = matchLayer(layer, rest)
  if (match === undefined) return undefined
  const template = templateOf(layer, match)
  if (match.path === rest) return leadsTo(layer.handle, search.route) ? template : undefined
  const inner = findIn(layer.handle, rest.slice(match.path.length), search)
  return inner === undefined ? undefined : template + inner
}

/** Whether a router has the route, also in routers that are mounted on `/` in it. */
function leadsTo(router: Router | undefined, route: unknown): boolean {
  if (route === undefined) return true
  return (router?.stack ?? []).some(
    (layer) => layer.route === route || (layer.route === undefined && leadsTo(layer.handle, route)),
  )
}
