import { currentDecision, type Decision } from '../decision.ts'
import { reportFault, runSafely } from '../safe.ts'
import type { FaultHandler } from '../types.ts'
import { isOwnWork } from '../verification/own-work.ts'
import type { CallHook, ObservedFact } from './library.ts'
import type { Outcome } from './outcome.ts'
import type { AnyFunction, Probe, Visit } from './watch/watch.ts'

/** Takes what hooks have seen. */
export interface FactReceiver {
  /** Whether requests with tokens are served: what is seen outside of them may belong to one. */
  readonly isServing: boolean
  /** Tokens that hooks remember between two calls, by an object that both calls see. */
  readonly notes: WeakMap<object, string>
  /**
   * Takes a fact.
   *
   * @param decision - The request in whose context it was seen; undefined where that was lost.
   */
  take(fact: ObservedFact, decision: Decision | undefined): void
  readonly onFault: FaultHandler
}

/** Gives the receiver, once there is one. */
export type FindReceiver = () => FactReceiver | undefined

/** Functions made here, so that a library's main module and its files are not wrapped twice. */
const WRAPPED = Symbol.for('tokentrail.wrapped')

/** Whether a function stands for a hooked one, made by this or another copy of the package. */
export function isWrapped(value: unknown): boolean {
  return typeof value === 'function' && WRAPPED in value
}

/** Creates the probe of one hook. */
export function createProbe(hook: CallHook, hookName: string, findReceiver: FindReceiver): Probe {
  return {
    visit(self, args) {
      let receiver: FactReceiver | undefined
      try {
        receiver = findReceiver()
        if (receiver === undefined) return undefined
        const decision = currentDecision()
        if (decision === undefined && !receiver.isServing) return undefined
        if (decision?.insideHook === true || isOwnWork()) return undefined
        return createVisit({ hook, hookName, receiver, decision, self, args })
      } catch (error) {
        if (receiver !== undefined) reportFault(receiver.onFault, hookName, error)
        return undefined
      }
    },
    disguise,
  }
}

interface VisitParts {
  readonly hook: CallHook
  readonly hookName: string
  readonly receiver: FactReceiver
  readonly decision: Decision | undefined
  readonly self: unknown
  readonly args: readonly unknown[]
}

function createVisit(parts: VisitParts): Visit {
  const { args, decision, hook, hookName, receiver, self } = parts
  let isOver = false
  const note = (outcome: Outcome): void => {
    if (isOver) return
    isOver = true
    // What follows is the application's: a callback, a handler.
    if (decision !== undefined) decision.insideHook = false
    runSafely(receiver.onFault, hookName, () => {
      const request = { token: decision?.token, notes: receiver.notes }
      receiver.take(hook.observe({ self, args, outcome }, request, hookName), decision)
    })
  }
  const runOpen: Visit['runOpen'] = (original, args) => {
    try {
      return Reflect.apply(original, self, args)
    } catch (error) {
      note({ kind: 'threw', error })
      throw error
    }
  }
  return {
    note,
    runOpen,
    run(original, args) {
      if (decision === undefined) return runOpen(original, args)
      decision.insideHook = true
      try {
        return runOpen(original, args)
      } finally {
        decision.insideHook = false
      }
    },
  }
}

/**
 * Gives a wrapper the own properties of what it wraps: `name`, `length`, and what hangs on it. A
 * function that has itself as a property, as a module that is its own `default`, has the wrapper.
 * Called while a request is served too: what cannot be copied is left out.
 */
export function disguise(wrapper: AnyFunction, original: AnyFunction): AnyFunction {
  try {
    const { prototype: _, ...properties } = Object.getOwnPropertyDescriptors(original)
    for (const property of Object.values<PropertyDescriptor>(properties)) {
      if (property.value === original) property.value = wrapper
    }
    Object.defineProperties(wrapper, properties)
    Object.defineProperty(wrapper, WRAPPED, { value: true, configurable: true })
  } catch {
    // A proxy of the application may refuse to be looked at; it still has to be called.
  }
  return wrapper
}
