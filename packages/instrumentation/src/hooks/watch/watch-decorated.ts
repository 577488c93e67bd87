import { replaceMember } from './replace-member.ts'
import type { AnyFunction, Watch } from './watch.ts'

/**
 * Watches a method that a Fastify plugin `(fastify, options, next)` adds to every request by
 * `fastify.decorateRequest`.
 *
 * @param method - What the function is called; the name under which it is added is an option.
 * @param watch - How its calls are watched.
 */
export function watchDecorated(method: string, watch: Watch): Watch {
  return (original, probe) =>
    probe.disguise(function (...args) {
      const fastify = args[0] as Fastify | undefined
      const decorate = fastify?.decorateRequest
      if (fastify === undefined || typeof decorate !== 'function') {
        return Reflect.apply(original, this, args)
      }
      const decorateWatched: AnyFunction = function (name, value, ...more) {
        const isMethod = typeof value === 'function' && value.name === method
        const decoration = isMethod ? watch(value as AnyFunction, probe) : value
        return Reflect.apply(decorate, this, [name, decoration, ...more])
      }
      const restore = replaceMember(fastify, 'decorateRequest', decorateWatched)
      try {
        // A plugin decorates before it returns: Fastify refuses decorations later.
        return Reflect.apply(original, this, args)
      } finally {
        restore()
      }
    }, original)
}

interface Fastify {
  readonly decorateRequest?: unknown
}
