/** The part of an application that is read. */
export interface ExpressApplication {
  /** Template of the path that it is mounted on in {@link parent}. */
  readonly mountpath?: unknown
  readonly parent?: ExpressApplication
  /** Express 4. */
  readonly _router?: Router
  /** Express 5; Express 4 throws here. */
  readonly router?: Router
}

interface Router {
  readonly stack?: readonly Layer[]
}

/** A step of a router: a middleware, a router or application mounted on a path, or a route. */
interface Layer {
  readonly handle?: Router
  readonly route?: unknown
  /** Express 4: the pattern of its path, and the names of the pattern's groups. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean }
  readonly keys?: readonly { readonly name?: unknown }[]
  /** Express 5: they give the part of a path that they match, and its parameters. */
  readonly matchers?: readonly ((path: string) => Match | false)[]
  /** Express 5: whether it is mounted on `/`, and, in later versions, its template. */
  readonly slash?: boolean
  readonly rawPath?: unknown
}

interface Match {
  readonly path: string
  readonly params: Readonly<Record<string, unknown>>
}

/** Most layers that are tried for one request. */
const MAX_TRIED = 1_000

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
  const inner = baseUrl.split('/').slice(outer.split('/').length).join('/')
  const rest = inner === '' ? '' : `/${inner}`
  const search = { route, tried: 0 }
  const template = rest === '' ? '' : findIn(readRouter(application), rest, search)
  return template === undefined ? undefined : outer + template
}

interface Search {
  readonly route: unknown
  tried: number
}

/** Template that an application within applications is mounted on. */
function readMountPath({ mountpath, parent }: ExpressApplication): string | undefined {
  if (parent === undefined) return ''
  const outer = readMountPath(parent)
  if (outer === undefined || typeof mountpath !== 'string') return undefined
  return mountpath === '/' ? outer : outer + mountpath
}

function readRouter(application: ExpressApplication): Router | undefined {
  return application._router ?? application.router
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
  const { rawPath } = layer
  const isKnown = typeof rawPath === 'string' && match.path !== ''
  const template = isKnown ? rawPath.replace(/\/$/, '') : toTemplate(match)
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

function matchLayer(
  { keys = [], matchers, regexp, slash }: Layer,
  path: string,
): Match | undefined {
  if (slash === true || regexp?.fast_slash === true) return { path: '', params: {} }
  if (regexp !== undefined) {
    const found = regexp.exec(path)
    if (found === null) return undefined
    const params = keys.map(({ name }, index) => [String(name), found[index + 1]] as const)
    return { path: found[0], params: Object.fromEntries(params) }
  }
  for (const matcher of matchers ?? []) {
    const match = matcher(path)
    if (match !== false) return { ...match, path: match.path === '/' ? '' : match.path }
  }
  return undefined
}

/** Puts the names of the parameters in the places of their values. */
function toTemplate({ params, path }: Match): string {
  const values = Object.entries(params).flatMap(([name, value]) =>
    [value].flat().map((one) => [name, String(one)] as const),
  )
  return path.replaceAll(/[^/]+/g, (segment) => {
    const text = decode(segment)
    const whole = values.find(([, value]) => value === text || value === segment)
    if (whole !== undefined) return `:${whole[0]}`
    const holdsOne = values.some(([, value]) => value !== '' && text.includes(value))
    return holdsOne ? ':param' : segment
  })
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
