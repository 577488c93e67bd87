import type { AnyFunction, Probe, Visit, Watch } from './watch.ts'

/**
 * Watches a middleware `(request, response, next)`: it ends well with `next()`, before what follows
 * runs, and badly with `next(error)`. One that answers by itself has no outcome; its response
 * tells.
 */
export const watchMiddleware: Watch = (original, probe) =>
  probe.disguise(function (...args) {
    const next = args[2]
    const visit = typeof next === 'function' ? probe.visit(this, args) : undefined
    if (visit === undefined) return Reflect.apply(original, this, args)
    const passOn = noteNext(visit, probe, next as AnyFunction, args[0])
    return visit.runOpen(original, [args[0], args[1], passOn, ...args.slice(3)])
  }, original)

/** `next('route')` and `next('router')` of Express skip handlers; they are no errors. */
const SKIPS: ReadonlySet<unknown> = new Set([undefined, null, '', 'route', 'router'])

/** Makes the `next` that tells how a middleware ended, and goes on. */
export function noteNext(
  visit: Visit,
  probe: Probe,
  next: AnyFunction,
  request: unknown,
): AnyFunction {
  return probe.disguise(function (...results) {
    const [error] = results
    const failed = !SKIPS.has(error)
    visit.note(failed ? { kind: 'threw', error } : { kind: 'returned', value: request })
    return Reflect.apply(next, this, results)
  }, next)
}
