import { replaceMember } from './replace-member.ts'
import { noteNext } from './watch-middleware.ts'
import type { AnyFunction, Probe, Visit, Watch } from './watch.ts'

/**
 * Watches a middleware `(request, response, next)` of Express that answers what it refuses by
 * itself: it ends well with `next()`, and badly with `response.status(code)`. The error is the
 * response then, which has the challenge in its header already.
 */
export const watchAnsweringMiddleware: Watch = (original, probe) =>
  probe.disguise(function (...args) {
    const [request, response, next, ...more] = args
    const isMiddleware =
      typeof response === 'object' && response !== null && typeof next === 'function'
    const visit = isMiddleware ? probe.visit(this, args) : undefined
    if (visit === undefined) return Reflect.apply(original, this, args)
    const restore = noteStatus(visit, probe, response as object)
    const noted = noteNext(visit, probe, next as AnyFunction, request)
    const passOn = probe.disguise(function (...results) {
      restore()
      return Reflect.apply(noted, this, results)
    }, noted)
    return visit.runOpen(original, [request, response, passOn, ...more])
  }, original)

/** Notes that the response is given a status, once. Gives what takes that back. */
function noteStatus(visit: Visit, probe: Probe, response: object): () => void {
  const setStatus: unknown = Reflect.get(response, 'status')
  if (typeof setStatus !== 'function') return () => {}
  const noted = probe.disguise(function (...codes) {
    restore()
    visit.note({ kind: 'threw', error: response })
    return Reflect.apply(setStatus, this, codes)
  }, setStatus as AnyFunction)
  const restore = replaceMember(response, 'status', noted)
  return restore
}
