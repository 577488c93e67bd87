import type { AnyFunction, Watch } from './watch.ts'

/**
 * Watches the functions that a function returns, e.g. a verifier made by `createVerifier(options)`.
 * Those that come by a promise are watched too.
 *
 * @param watch - How each of them is watched.
 */
export function watchProduced(watch: Watch): Watch {
  return (original, probe) =>
    probe.disguise(function (...args) {
      const produced = Reflect.apply(original, this, args)
      const watched = (value: unknown): unknown =>
        typeof value === 'function' ? watch(value as AnyFunction, probe) : value
      return produced instanceof Promise ? produced.then(watched) : watched(produced)
    }, original)
}
