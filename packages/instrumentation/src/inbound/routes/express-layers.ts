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

/** A router, or what has none. */
export interface Router {
  readonly stack?: readonly Layer[]
}

/** A path that handlers are registered for. */
interface Route {
  readonly path?: unknown
  /** Lower-case names of methods, `_all` for all of them. */
  readonly methods?: { readonly [method: string]: unknown }
}

/** A step of a router: a middleware, a router or application mounted on a path, or a route. */
export interface Layer {
  readonly handle?: Router
  readonly route?: Route
  /** Express 4: the pattern of its path, and the names of the pattern's groups. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean }
  readonly keys?: readonly { readonly name?: unknown }[]
  /** Express 5: they give the part of a path that they match, and its parameters. */
  readonly matchers?: readonly ((path: string) => Match | false)[]
  /** Express 5: whether it is mounted on `/`, and, in later versions, its template. */
  readonly slash?: boolean
  readonly rawPath?: unknown
}

/** A part of a path, as a layer understands it. */
export interface Match {
  readonly path: string
  readonly params: Readonly<Record<string, unknown>>
}

/** Most layers that are tried for one request. */
export const MAX_TRIED = 1_000

/** Template that an application within applications is mounted on. */
export function readMountPath({ mountpath, parent }: ExpressApplication): string | undefined {
  if (parent === undefined) return ''
  const outer = readMountPath(parent)
  if (outer === undefined || typeof mountpath !== 'string') return undefined
  return mountpath === '/' ? outer : outer + mountpath
}

/** Gives what follows in a path after the mount path with that template. */
export function dropMount(path: string, mount: string): string {
  const rest = path.split('/').slice(mount.split('/').length).join('/')
  return rest === '' ? '' : `/${rest}`
}

/** Gives the router of an application; it may have none yet. */
export function readRouter(application: ExpressApplication): Router | undefined {
  return application._router ?? application.router
}

/** Matches the beginning of a path, for a route the whole of it. */
export function matchLayer(
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

/** Gives the template of what a layer matched. */
export function templateOf({ rawPath }: Layer, match: Match): string {
  const isKnown = typeof rawPath === 'string' && match.path !== ''
  return isKnown ? rawPath.replace(/\/$/, '') : toTemplate(match)
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
