import type { EventEmitter } from 'node:events'
import { type Decision, runInDecision } from '../decision.ts'
import { nameAfter } from '../name-after.ts'

/**
 * Has an emitter call its listeners with the decision in their asynchronous context.
 *
 * Node 24 and later emit `data` and `end` of a request's body in the context in which the
 * connection was accepted. An application that verifies the token after it has read the body, as
 * frameworks with a body parser do, would do so outside of its request.
 */
export function keepInContext(emitter: EventEmitter, decision: Decision): void {
  const original = Reflect.get(emitter, 'emit') as (...args: unknown[]) => boolean
  const emit = function emit(this: unknown, _type: unknown): boolean {
    return runInDecision(decision, original, this, arguments)
  }
  const value = nameAfter(emit, original)
  Object.defineProperty(emitter, 'emit', { value, writable: true, configurable: true })
}
