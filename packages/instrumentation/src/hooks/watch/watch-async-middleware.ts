import type { AnyFunction, Probe, Visit, Watch } from './watch.ts'

/**
 * Watches a middleware `(context, next)` that returns a promise, as those of Hono and Koa: it ends
 * well with `next()`, before what follows runs, and badly when it rejects before that. One that
 * answers by itself has no outcome; its response tells.
 */
export const watchAsyncMiddleware: Watch = (original, probe) =>
  probe.disguise(function (...args) {
    const [context, next, ...more] = args
    const visit = typeof next === 'function' ? probe.visit(this, args) : undefined
    if (visit === undefined) return Reflect.apply(original, this, args)
    const passOn = noteNext(visit, probe, next as AnyFunction, context)
    const result = visit.runOpen(original, [context, passOn, ...more])
    if (!(result instanceof Promise)) return result
    return result.catch((error: unknown) => {
      visit.note({ kind: 'threw', error })
      throw error
    })
  }, original)

function noteNext(visit: Visit, probe: Probe, next: AnyFunction, context: unknown): AnyFunction {
  return probe.disguise(function (...args) {
    visit.note({ kind: 'returned', value: context })
    return Reflect.apply(next, this, args)
  }, next)
}
