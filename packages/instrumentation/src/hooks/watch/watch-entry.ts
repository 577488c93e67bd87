import type { Watch } from './watch.ts'

/**
 * Watches a function as it is called, for one that answers the request before it returns: what it
 * will do must show in its arguments.
 */
export const watchEntry: Watch = (original, probe) =>
  probe.disguise(function (...args) {
    probe.visit(this, args)?.note({ kind: 'returned', value: undefined })
    return Reflect.apply(original, this, args)
  }, original)
