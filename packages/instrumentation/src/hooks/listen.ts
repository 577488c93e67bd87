import { currentDecision } from '../decision.ts'
import { runSafely } from '../safe.ts'
import type { ListeningHook, ReportFacts } from './library.ts'
import { disguise, type FindReceiver } from './probe.ts'
import type { AnyFunction } from './watch/watch.ts'

/** Makes the method that listens to each object it is first called on. */
export function listenTo(
  original: AnyFunction,
  hook: ListeningHook,
  hookName: string,
  findReceiver: FindReceiver,
): AnyFunction {
  const heard = new WeakSet<object>()
  const report: ReportFacts = (read) => {
    const receiver = findReceiver()
    if (receiver === undefined) return
    runSafely(receiver.onFault, hookName, () => {
      for (const fact of read()) receiver.take(fact, currentDecision())
    })
  }
  return disguise(function (...args) {
    const receiver = findReceiver()
    if (receiver !== undefined && typeof this === 'object' && this !== null && !heard.has(this)) {
      heard.add(this)
      runSafely(receiver.onFault, hookName, () => hook.listen(this, report, hookName))
    }
    return Reflect.apply(original, this, args)
  }, original)
}
