import type { Visit, Watch } from './watch.ts'

/**
 * Watches what a function returns or throws, and what becomes of a promise that it returns.
 *
 * A promise is passed on through `then`, a microtask later: listening on the side would mark a
 * rejection as handled that the application forgot, and Node would no longer report it.
 */
export const watchResult: Watch = (original, probe) =>
  probe.disguise(function (...args) {
    const visit = probe.visit(this, args)
    if (visit === undefined) return Reflect.apply(original, this, args)
    return settle(visit, visit.run(original, args))
  }, original)

/**
 * Watches what a function comes to as {@link watchResult} does; other hooks speak for themselves
 * inside. For functions that let the application verify.
 */
export const watchOpenResult: Watch = (original, probe) =>
  probe.disguise(function (...args) {
    const visit = probe.visit(this, args)
    if (visit === undefined) return Reflect.apply(original, this, args)
    return settle(visit, visit.runOpen(original, args))
  }, original)

/** Notes a result, or how a promise settles, and gives it on. */
export function settle(visit: Visit, result: unknown): unknown {
  if (!(result instanceof Promise)) {
    visit.note({ kind: 'returned', value: result })
    return result
  }
  return result.then(
    (value: unknown) => {
      visit.note({ kind: 'returned', value })
      return value
    },
    (error: unknown) => {
      visit.note({ kind: 'threw', error })
      throw error
    },
  )
}
