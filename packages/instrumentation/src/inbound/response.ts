import type { ServerResponse } from 'node:http'
import {
  type Method,
  MethodWrapper,
  passThrough,
  setWatch,
  type Watched,
  watchOf,
  wrapEnd,
  wrapWrite,
} from './method-wrapper.ts'
import { type ResponseObserver, ResponseWatch } from './response-watch.ts'

/** Watches one response, for a subject that the observer is told of. */
export interface WatchResponse<Subject> {
  (response: ServerResponse, subject: Subject): void
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
    new MethodWrapper('end', wrapEnd),
    new MethodWrapper('write', wrapWrite),
    new MethodWrapper('writeHead', wrapWriteHead),
    new MethodWrapper('flushHeaders', wrapFlushHeaders),
  ]
  return (response: ServerResponse & Watched, subject) => {
    setWatch(response, new ResponseWatch(response, response.req.method, observer, subject))
    for (const wrapper of wrappers) wrapper.install(response)
    response.on('close', onClose)
  }
}

function onClose(this: Watched): void {
  watchOf(this)?.closed()
}

function wrapWriteHead(original: Method): Method {
  return function writeHead(_statusCode, reason, headers) {
    const result: unknown = Reflect.apply(original, this, arguments)
    const watch = watchOf(this)
    if (watch !== undefined && !watch.done) {
      watch.headReady(typeof reason === 'string' ? headers : (headers ?? reason))
    }
    return result
  }
}

function wrapFlushHeaders(original: Method): Method {
  return function flushHeaders() {
    const watch = watchOf(this)
    if (watch === undefined || watch.done) return Reflect.apply(original, this, arguments)
    watch.expectFlush()
    return passThrough(watch, original, this, arguments)
  }
}
