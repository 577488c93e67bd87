import type { LibraryDefinition, ObservedCall, ObservedFact } from '../../hooks/library.ts'
import type { AnyFunction, Probe, Watch } from '../../hooks/watch/watch.ts'

/** What a router's `match` returns first: handlers with the routes they were registered for. */
type Matched = readonly (readonly [readonly [unknown, Route], ...unknown[]])[]

interface Route {
  readonly path?: unknown
  readonly method?: unknown
}

/**
 * Middleware is registered for all methods and a pattern with a wildcard; the last route that is
 * not is the one that answers, or would have.
 */
function observe({ outcome }: ObservedCall): ObservedFact {
  if (outcome.kind !== 'returned') return undefined
  const [matched] = outcome.value as readonly [Matched]
  const answering = matched.findLast(([[, { method, path }]]) => {
    return typeof path === 'string' && (method !== 'ALL' || !path.endsWith('*'))
  })
  const path = answering?.[0][1].path
  return typeof path === 'string' ? { route: path } : undefined
}

interface Application {
  readonly router?: object
}

/** Watches the router of each application that is constructed. */
const watchRouters: Watch = (original, probe) =>
  new Proxy(original, {
    construct(target, args, newTarget): object {
      const application = Reflect.construct(target, args, newTarget) as Application
      if (typeof application.router === 'object') tryToWatch(application.router, probe)
      return application
    },
  })

function tryToWatch(router: object, probe: Probe): void {
  try {
    watchMatch(router, probe)
  } catch {
    // A router of the application's own that cannot be changed: its routes stay unknown.
  }
}

/** A router replaces its own `match` when it is first called, so the property keeps ours in front. */
function watchMatch(router: object, probe: Probe): void {
  let match = Reflect.get(router, 'match') as AnyFunction
  if (typeof match !== 'function' || Object.getOwnPropertyDescriptor(router, 'match')?.get) return
  const watched = probe.disguise(function (...args) {
    const result = Reflect.apply(match, router, args)
    probe.visit(router, args)?.note({ kind: 'returned', value: result })
    return result
  }, match)
  Object.defineProperty(router, 'match', {
    get: () => watched,
    set: (value: AnyFunction) => {
      match = value
    },
    configurable: true,
    enumerable: Object.hasOwn(router, 'match'),
  })
}

/** Hono: its routers tell which routes match. */
export const hono: LibraryDefinition = {
  name: 'hono-router',
  module: 'hono',
  versions: ['>=4.0.0 <5'],
  hooks: [{ exportName: 'Hono', watch: watchRouters, observe }],
}
