import type { AnyFunction, Probe, Visit, Watch } from './watch.ts'

/** How a Passport strategy decided; what an `authenticate` that was watched here returns. */
export type StrategyOutcome =
  | { readonly passed: true; readonly info: unknown }
  | { readonly passed: false; readonly challenge: unknown }

/**
 * Watches `authenticate(request, options)` of a Passport strategy. It tells by a method of `this`,
 * which Passport puts there for each request (`passport/lib/middleware/authenticate.js`):
 * `success(user, info)`, `fail(challenge)` or `error(error)`. Redirects and `pass()` decide
 * nothing.
 */
export const watchStrategy: Watch = (original, probe) =>
  probe.disguise(function (...args) {
    const visit = typeof this === 'object' && this !== null ? probe.visit(this, args) : undefined
    if (visit === undefined) return Reflect.apply(original, this, args)
    noteDecision(this as Strategy, visit, probe)
    return visit.runOpen(original, args)
  }, original)

type Strategy = Record<string, unknown>

function noteDecision(strategy: Strategy, visit: Visit, probe: Probe): void {
  const intercept = (name: string, note: (value: unknown, info: unknown) => void): void => {
    const action = strategy[name]
    if (typeof action !== 'function') return
    const noted = probe.disguise(function (...results) {
      note(results[0], results[1])
      return Reflect.apply(action, this, results)
    }, action as AnyFunction)
    // Unlike an assignment, this does not throw where the object cannot be changed.
    Reflect.set(strategy, name, noted)
  }
  const decided = (value: StrategyOutcome): void => visit.note({ kind: 'returned', value })
  intercept('success', (_, info) => decided({ passed: true, info }))
  intercept('fail', (challenge) => decided({ passed: false, challenge }))
  intercept('error', (error) => visit.note({ kind: 'threw', error }))
}
