import {
  dropMount,
  type ExpressApplication,
  type Layer,
  matchLayer,
  MAX_TRIED,
  readMountPath,
  readRouter,
  type Router,
  templateOf,
} from './express-layers.ts'

/** What is looked for, and how much was tried. */
interface Search {
  /** Lower case. */
  readonly method: string
  tried: number
}

/**
 * Finds the route that a request was meant for which a middleware in front of the routes answered:
 * the first that its path and method match. Wildcards are no answer.
 *
 * @param path - Without query.
 */
export function findIntendedRoute(
  application: ExpressApplication,
  method: string,
  path: string,
): string | undefined {
  const outer = readMountPath(application)
  if (outer === undefined) return undefined
  const search = { method: method.toLowerCase(), tried: 0 }
  const template = findIn(readRouter(application), dropMount(path, outer), search)
  return template === undefined ? undefined : outer + template || '/'
}

function findIn(router: Router | undefined, rest: string, search: Search): string | undefined {
  for (const layer of router?.stack ?? []) {
    search.tried += 1
    if (search.tried > MAX_TRIED) return undefined
    const template =
      layer.route === undefined ? findBelow(layer, rest, search) : findAt(layer, rest, search)
    if (template !== undefined) return template
  }
  return undefined
}

/** The route of a layer, if it serves the request. */
function findAt(layer: Layer, rest: string, { method }: Search): string | undefined {
  const { methods = {}, path } = layer.route ?? {}
  const serves = methods['_all'] ?? methods[method] ?? (method === 'head' && methods['get'])
  if (serves !== true || typeof path !== 'string' || path.includes('*')) return undefined
  if (matchLayer(layer, rest || '/') === undefined) return undefined
  return path === '/' ? '' : path
}

/** A route in the router that is mounted here. */
function findBelow(layer: Layer, rest: string, search: Search): string | undefined {
  if (layer.handle?.stack === undefined) return undefined
  const match = matchLayer(layer, rest || '/')
  if (match === undefined) return undefined
  const template = findIn(layer.handle, rest.slice(match.path.length), search)
  return template === undefined ? undefined : templateOf(layer, match) + template
}
