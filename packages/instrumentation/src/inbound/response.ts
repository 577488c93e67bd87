import type { ServerResponse } from 'node:http'
import { type ResponseObserver, ResponseWatch } from './response-watch.ts'

/** Watches one response, for a subject that the observer is told of. */
export interface WatchResponse<Subject> {
  (response: ServerResponse, subject: Subject): void
}

type Name = 'end' | 'write' | 'writeHead' | 'flushHeaders'
type Method = (this: Watched, ...args: unknown[]) => unknown

/** Where a response keeps its watch: wrappers are shared, and find it by `this`. */
const WATCH = Symbol('tokentrail.watch')

interface Watched extends ServerResponse {
  [WATCH]?: ResponseWatch
}

/**
 * Creates the watcher of an observer. It wraps `end`, `write`, `writeHead` and `flushHeaders` of
 * each response alone. The prototype and every other response stay as they are; arguments, results,
 * `this`, exceptions, `name` and `length` are those of the original methods.
 *
 * Why four methods: with a `Content-Length` the client has the whole body at the last `write`, and
 * a response without a body is whole when its header is flushed, both before `end` is called; Node
 * publishes `http.server.response.finish` later still. `writeHead` is where a status is accepted or
 * refused, in Node's own implicit call too, so an `end` that throws for it leaves no trace.
 */
export function createResponseWatcher<Subject>(
  observer: ResponseObserver<Subject>,
): WatchResponse<Subject> {
  const wrappers = [
    new Wrapper('end', wrapEnd),
    new Wrapper('write', wrapWrite),
    new Wrapper('writeHead', wrapWriteHead),
    new Wrapper('flushHeaders', wrapFlushHeaders),
  ]
  return (response: Watched, subject) => {
    response[WATCH] = new ResponseWatch(response, observer, subject)
    for (const wrapper of wrappers) wrapper.install(response)
    response.on('close', onClose)
  }
}

function onClose(this: Watched): void {
  this[WATCH]?.closed()
}

/** Puts wrappers of one method onto responses: the same one as long as the original is the same. */
class Wrapper {
  readonly #name: Name
  readonly #wrap: (original: Method) => Method
  #original: Method | undefined
  #descriptor: PropertyDescriptor = {}

  constructor(name: Name, wrap: (original: Method) => Method) {
    this.#name = name
    this.#wrap = wrap
  }

  install(response: Watched): void {
    const original = response[this.#name] as Method
    if (original !== this.#original) {
      this.#original = original
      const value = disguise(this.#wrap(original), original)
      this.#descriptor = { value, writable: true, configurable: true, enumerable: false }
    }
    Object.defineProperty(response, this.#name, this.#descriptor)
  }
}

function disguise(wrapped: Method, original: Method): Method {
  if (wrapped.length === original.length && wrapped.name === original.name) return wrapped
  return Object.defineProperties(wrapped, {
    name: { value: original.name, configurable: true },
    length: { value: original.length, configurable: true },
  })
}

/** `arguments` reaches the original as it came: some subclasses count it. */
function wrapEnd(original: Method): Method {
  return function end(chunk, _encoding, _callback) {
    const watch = this[WATCH]
    if (watch === undefined || watch.done) return Reflect.apply(original, this, arguments)
    watch.expectLastByte(chunk)
    return passThrough(watch, original, this, arguments)
  }
}

function wrapWrite(original: Method): Method {
  return function write(chunk, encoding, _callback) {
    const watch = this[WATCH]
    if (watch === undefined || watch.done || !watch.isLastWrite(chunk, encoding)) {
      return Reflect.apply(original, this, arguments)
    }
    watch.expectLastByte(chunk)
    return passThrough(watch, original, this, arguments)
  }
}

function wrapWriteHead(original: Method): Method {
  return function writeHead(_statusCode, reason, headers) {
    const result: unknown = Reflect.apply(original, this, arguments)
    const watch = this[WATCH]
    if (watch !== undefined && !watch.done) {
      watch.headReady(typeof reason === 'string' ? headers : (headers ?? reason))
    }
    return result
  }
}

function wrapFlushHeaders(original: Method): Method {
  return function flushHeaders() {
    const watch = this[WATCH]
    if (watch === undefined || watch.done) return Reflect.apply(original, this, arguments)
    watch.expectFlush()
    return passThrough(watch, original, this, arguments)
  }
}

function passThrough(
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
