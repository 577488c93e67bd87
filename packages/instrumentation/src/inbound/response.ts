import type { ServerResponse } from 'node:http'
import type { FaultHandler } from '../types.ts'
import { ResponseWatch } from './response-watch.ts'

/** What is told about one response. */
export interface ResponseObserver {
  /** Whether {@link ended} may be wanted; asked before the costly part of the work. */
  isWanted(): boolean
  /**
   * Called once: before the last byte of the response is handed to the connection, or when the
   * connection closed before that.
   *
   * @param complete - Whether the whole response is being handed over.
   * @param challenge - The `WWW-Authenticate` field, however it was given.
   */
  ended(complete: boolean, challenge: unknown): void
  readonly onFault: FaultHandler
}

type Method = (this: ServerResponse, ...args: unknown[]) => unknown

/**
 * Watches one response by wrapping `end`, `write`, `writeHead` and `flushHeaders` of this object
 * alone. The prototype and every other response stay as they are; arguments, results, `this`,
 * exceptions, `name` and `length` are those of the original methods.
 *
 * Why four methods: with a `Content-Length` the client has the whole body at the last `write`, and
 * a response without a body is whole when its header is flushed, both before `end` is called; Node
 * publishes `http.server.response.finish` later still. `writeHead` is where a status is accepted or
 * refused, in Node's own implicit call too, so an `end` that throws for it leaves no trace.
 */
export function watchResponse(response: ServerResponse, observer: ResponseObserver): void {
  const watch = new ResponseWatch(response, observer)
  replaceMethod(response, 'end', (original) => wrapEnd(original, watch))
  replaceMethod(response, 'write', (original) => wrapWrite(original, watch))
  replaceMethod(response, 'writeHead', (original) => wrapWriteHead(original, watch))
  replaceMethod(response, 'flushHeaders', (original) => wrapFlushHeaders(original, watch))
  response.on('close', () => watch.closed())
}

function replaceMethod(
  response: ServerResponse,
  name: 'end' | 'write' | 'writeHead' | 'flushHeaders',
  wrap: (original: Method) => Method,
): void {
  const original = response[name] as Method
  const wrapped = wrap(original)
  if (wrapped.length !== original.length || wrapped.name !== original.name) {
    Object.defineProperties(wrapped, {
      name: { value: original.name, configurable: true },
      length: { value: original.length, configurable: true },
    })
  }
  Object.defineProperty(response, name, {
    value: wrapped,
    writable: true,
    configurable: true,
    enumerable: false,
  })
}

/** `arguments` reaches the original as it came: some subclasses count it. */
function wrapEnd(original: Method, watch: ResponseWatch): Method {
  return function end(chunk, _encoding, _callback) {
    if (watch.done) return Reflect.apply(original, this, arguments)
    watch.expectLastByte(chunk)
    return passThrough(watch, original, this, arguments)
  }
}

function wrapWrite(original: Method, watch: ResponseWatch): Method {
  return function write(chunk, encoding, _callback) {
    if (watch.done || !watch.isLastWrite(chunk, encoding)) {
      return Reflect.apply(original, this, arguments)
    }
    watch.expectLastByte(chunk)
    return passThrough(watch, original, this, arguments)
  }
}

function wrapWriteHead(original: Method, watch: ResponseWatch): Method {
  return function writeHead(_statusCode, reason, headers) {
    const result: unknown = Reflect.apply(original, this, arguments)
    if (!watch.done) watch.headReady(typeof reason === 'string' ? headers : (headers ?? reason))
    return result
  }
}

function wrapFlushHeaders(original: Method, watch: ResponseWatch): Method {
  return function flushHeaders() {
    if (watch.done) return Reflect.apply(original, this, arguments)
    watch.expectFlush()
    return passThrough(watch, original, this, arguments)
  }
}

function passThrough(
  watch: ResponseWatch,
  original: Method,
  self: ServerResponse,
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
