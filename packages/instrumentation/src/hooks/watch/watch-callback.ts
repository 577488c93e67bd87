import { settle } from './watch-result.ts'
import type { AnyFunction, Probe, Visit, Watch } from './watch.ts'

/**
 * Watches a function that gives its outcome to a callback `(error, value)`, its last argument, and
 * returns or throws it where there is none.
 */
export const watchCallback: Watch = (original, probe) =>
  probe.disguise(function (...args) {
    const visit = probe.visit(this, args)
    if (visit === undefined) return Reflect.apply(original, this, args)
    const callback = args.at(-1)
    if (typeof callback !== 'function') return settle(visit, visit.run(original, args))
    const last = noteFirst(visit, probe, callback as AnyFunction)
    return visit.run(original, [...args.slice(0, -1), last])
  }, original)

/**
 * Watches a function that gives its outcome to a callback as {@link watchCallback} does; other hooks
 * speak for themselves inside. Calls without a callback are let pass: for functions that make their
 * promise by calling themselves with one.
 */
export const watchOpenCallback: Watch = (original, probe) =>
  probe.disguise(function (...args) {
    const callback = args.at(-1)
    const visit = typeof callback === 'function' ? probe.visit(this, args) : undefined
    if (visit === undefined) return Reflect.apply(original, this, args)
    const last = noteFirst(visit, probe, callback as AnyFunction)
    return visit.runOpen(original, [...args.slice(0, -1), last])
  }, original)

function noteFirst(visit: Visit, probe: Probe, callback: AnyFunction): AnyFunction {
  return probe.disguise(function (...results) {
    const [error, value] = results
    const failed = error !== null && error !== undefined
    visit.note(failed ? { kind: 'threw', error } : { kind: 'returned', value })
    return Reflect.apply(callback, this, results)
  }, callback)
}
