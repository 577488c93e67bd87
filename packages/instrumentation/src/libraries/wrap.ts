import { currentDecision, type Decision } from '../decision.ts'
import { runSafely } from '../safe.ts'
import type { FaultHandler } from '../types.ts'
import type { LibraryHook, ObservedCall } from './library.ts'

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown

/** Functions made here, so that a library's main module and its files are not wrapped twice. */
const WRAPPED = Symbol.for('tokentrail.wrapped')

/** Whether a function is a wrapper made by {@link wrapFunction}, of this or another copy. */
export function isWrapped(value: unknown): boolean {
  return typeof value === 'function' && WRAPPED in value
}

/**
 * Wraps one exported function of a library so that its hook sees each call made while a request is
 * served. Arguments, `this`, result, exceptions, `name` and `length` stay; outside of a request the
 * original runs alone.
 *
 * A promise is passed on through `then`, a microtask later: listening on the side would mark a
 * rejection as handled that the application forgot, and Node would no longer report it.
 */
export function wrapFunction(
  original: AnyFunction,
  hookName: string,
  hook: LibraryHook,
  onFault: FaultHandler,
): AnyFunction {
  const note = (decision: Decision, args: unknown[], outcome: ObservedCall['outcome']): void => {
    runSafely(onFault, hookName, () => observe(decision, hook, hookName, { args, outcome }))
  }
  const wrapped: AnyFunction = function (...args) {
    const decision = currentDecision()
    if (decision === undefined || decision.insideHook) return Reflect.apply(original, this, args)
    const result = callInside(decision, original, this, args, note)
    if (!(result instanceof Promise)) {
      note(decision, args, { kind: 'returned', value: result })
      return result
    }
    return result.then(
      (value: unknown) => {
        note(decision, args, { kind: 'returned', value })
        return value
      },
      (error: unknown) => {
        note(decision, args, { kind: 'threw', error })
        throw error
      },
    )
  }
  return disguise(wrapped, original)
}

function callInside(
  decision: Decision,
  original: AnyFunction,
  self: unknown,
  args: unknown[],
  note: (decision: Decision, args: unknown[], outcome: ObservedCall['outcome']) => void,
): unknown {
  decision.insideHook = true
  try {
    return Reflect.apply(original, self, args)
  } catch (error) {
    decision.insideHook = false
    note(decision, args, { kind: 'threw', error })
    throw error
  } finally {
    decision.insideHook = false
  }
}

function observe(decision: Decision, hook: LibraryHook, name: string, call: ObservedCall): void {
  const fact = hook.observe(call, decision, name)
  if (fact === undefined) return
  if ('verified' in fact) decision.addVerified(fact.verified)
  else decision.addRejection(fact.rejection)
}

/** Gives a wrapper the own properties of what it wraps: `name`, `length`, and whatever hangs on it. */
function disguise(wrapped: AnyFunction, original: AnyFunction): AnyFunction {
  const { prototype: _, ...properties } = Object.getOwnPropertyDescriptors(original)
  Object.defineProperties(wrapped, properties)
  Object.defineProperty(wrapped, WRAPPED, { value: true })
  return wrapped
}
