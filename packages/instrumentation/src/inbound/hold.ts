import type { Writable } from 'node:stream'
import { holdHeader } from './hold-header.ts'

/** What is remembered of a writable while its bytes are held. */
interface Held {
  /** Responses that wait; with pipelining there may be several on one connection. */
  count: number
  /** Calls of `uncork` that were not passed on. */
  owed: number
  isDestroyed: boolean
  /** Ends an HTTP/2 stream, once that was to be. */
  end?: () => void
  /** Sends the header of an HTTP/2 response that is nothing else, once that was to be. */
  readonly sendHeader: (() => void) | undefined
}

const HELD: unique symbol = Symbol('tokentrail.held')

interface Holdable extends Writable {
  [HELD]?: Held
}

/**
 * Holds what is written to a connection, or to an HTTP/2 stream, from now on until the promise
 * resolves. It must not reject, and should not take long.
 *
 * The writable is corked, so that every call on it and on the response returns as ever, and
 * `finish`, callbacks and `drain` come when the bytes go, in their order. Node uncorks a connection
 * at `response.end()`, however often it was corked, so `uncork` is put off as well; and so is a
 * `destroy` without an error: `server.close()` takes a connection for idle whose response has
 * ended, although its bytes are still here. A cork holds nothing of an end without a body, so the
 * end of an HTTP/2 stream is put off too, and so is a header with END_STREAM, which is all of a
 * response.
 *
 * BUG: of a file that Node sends by itself over HTTP/2 (`respondWithFile`) nothing is held: Node
 * hands it to its HTTP/2 library in the same call as the header.
 */
export function holdUntil(writable: Writable, released: Promise<void>): void {
  hold(writable)
  void released.then(() => release(writable))
}

/** Whether what is written is being held. */
export function isHeld(writable: Writable): boolean {
  return HELD in writable
}

function hold(writable: Holdable): void {
  const held = writable[HELD]
  if (held) {
    held.count++
    return
  }
  const isStream = 'respond' in writable
  const sendHeader = isStream ? holdHeader(writable) : undefined
  writable[HELD] = { count: 1, owed: 0, isDestroyed: false, sendHeader }
  writable.cork()
  define(writable, 'uncork', uncorkLater)
  define(writable, 'destroy', destroyLater)
  if (isStream) define(writable, '_final', endLater)
}

function release(writable: Holdable): void {
  const held = writable[HELD]
  if (!held || --held.count > 0) return
  forget(writable)
  held.sendHeader?.()
  for (let times = 0; times <= held.owed; times++) writable.uncork()
  held.end?.()
  if (held.isDestroyed) writable.destroy()
}

function forget(writable: Holdable): void {
  delete writable[HELD]
  Reflect.deleteProperty(writable, 'uncork')
  Reflect.deleteProperty(writable, 'destroy')
  if (Reflect.get(writable, '_final') === endLater) Reflect.deleteProperty(writable, '_final')
}

function define(writable: Writable, name: 'uncork' | 'destroy' | '_final', value: unknown): void {
  Object.defineProperty(writable, name, {
    value,
    configurable: true,
    enumerable: false,
    writable: true,
  })
}

function uncorkLater(this: Holdable): void {
  if (this[HELD]) this[HELD].owed++
}

/** Stands for the prototype's method, which sends the end and calls back. */
function endLater(this: Holdable, callback: () => void): void {
  const end = (): void => {
    const { _final } = Object.getPrototypeOf(this) as { readonly _final: typeof endLater }
    Reflect.apply(_final, this, [callback])
  }
  if (this[HELD]) this[HELD].end = end
  else end()
}

function destroyLater(this: Holdable, error?: Error): Writable {
  const held = this[HELD]
  if (held && error === undefined) {
    held.isDestroyed = true
    return this
  }
  // What is held goes nowhere any more.
  forget(this)
  return this.destroy(error)
}
