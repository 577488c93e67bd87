import type { ResponseWatch } from './response-watch.ts'
import { nameAfter } from '../name-after.ts'

/**
 * Where a response, or an HTTP/2 stream, keeps its watch: wrappers are shared, and find it by
 * `this`.
 */
const WATCH: unique symbol = Symbol('tokentrail.watch')

/** What can be watched: it carries its own watch. */
export interface Watched {
  [WATCH]?: ResponseWatch
}

/** A method as it is wrapped. */
export type Method = (this: Watched, ...args: unknown[]) => unknown

/** Gives the watch of a response that is watched. */
export function watchOf(watched: Watched): ResponseWatch | undefined {
  return watched[WATCH]
}

/** Has a response watched. */
export function setWatch(watched: Watched, watch: ResponseWatch): void {
  watched[WATCH] = watch
}

/**
 * Puts wrappers of one method onto objects: the same wrapper as long as the original is the same.
 * The prototype and every other object stay as they are; `name` and `length` are those of the
 * original.
 */
export class MethodWrapper {
  readonly #name: string
  readonly #wrap: (original: Method) => Method
  #original: Method | undefined
  #descriptor: PropertyDescriptor = {}

  /** @param wrap - Makes the wrapper; `this` and arguments reach the original as they came. */
  constructor(name: string, wrap: (original: Method) => Method) {
    this.#name = name
    this.#wrap = wrap
  }

  /** Gives the object the wrapper as a property of its own, which `Object.keys` does not list. */
  install(watched: Watched): void {
    const original = (watched as Readonly<Record<string, unknown>>)[this.#name] as Method
    if (original !== this.#original) {
      this.#original = original
      const value = nameAfter(this.#wrap(original), original)
      this.#descriptor = { value, writable: true, configurable: true, enumerable: false }
    }
    Object.defineProperty(watched, this.#name, this.#descriptor)
  }
}

/** Wraps a method that hands over the last byte. */
export function wrapEnd(original: Method): Method {
  // `arguments` reaches the original as it came: some subclasses count it.
  return function end(chunk, _encoding, _callback) {
    const watch = this[WATCH]
    if (watch === undefined || watch.done) return Reflect.apply(original, this, arguments)
    watch.expectLastByte(chunk)
    return passThrough(watch, original, this, arguments)
  }
}

/** Wraps a method that hands over a part of the body. */
export function wrapWrite(original: Method): Method {
  return function write(chunk, encoding, _callback) {
    const watch = this[WATCH]
    if (watch === undefined || watch.done) return Reflect.apply(original, this, arguments)
    watch.expectWrite(chunk, encoding)
    return passThrough(watch, original, this, arguments)
  }
}

/** Calls the original; the watch learns how that went. */
export function passThrough(
  watch: ResponseWatch,
  original: Method,
  self: Watched,
  args: ArrayLike<unknown>,
): unknown {
  let returned = false
  try {
    const result: unknown = Reflect.apply(original, self, args)
    returned = true
    return result
  } finally {
    watch.settle(returned)
  }
}
