import type { X509Certificate } from 'node:crypto'
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import type { Capture } from '../capture.ts'
import { Decision } from '../decision.ts'
import { reportFault, runSafely } from '../safe.ts'
import { keepInContext } from './emit-context.ts'
import {
  type Method,
  MethodWrapper,
  setWatch,
  type Watched,
  watchOf,
  wrapEnd,
  wrapWrite,
} from './method-wrapper.ts'
import { findWrittenHeader } from './response-headers.ts'
import { ResponseWatch } from './response-watch.ts'
import { refuseStream } from './refusal.ts'
import type { Opened } from './server-events.ts'
import type { ServedRequest, ServedResponse, ServedSocket } from './served.ts'

/** Opens the decision of an HTTP/2 stream; undefined for what is none. Never throws. */
export type OpenStream = (args: readonly unknown[]) => Opened

/**
 * Creates what opens decisions for HTTP/2 streams and watches their responses: `respond`, `write`
 * and `end` of the stream, through which the compatibility API goes too. Files that Node sends by
 * itself (`respondWithFile`) are told of when their header goes: Node ends the stream before it.
 */
export function createStreamOpener(capture: Capture): OpenStream {
  const wrappers = [
    new MethodWrapper('end', wrapStreamEnd),
    new MethodWrapper('write', wrapWrite),
    new MethodWrapper('respond', wrapRespond),
  ]
  return (args) => {
    const stream = args[0]
    let decision: Decision | undefined
    try {
      if (!isServerStream(stream) || watchOf(stream) !== undefined) return undefined
      const request = new StreamRequest(stream, args[1] as IncomingHttpHeaders)
      const response = new StreamResponse(stream)
      decision = new Decision(request, response, capture.stamping, capture)
      if (!capture.admits(decision)) {
        runSafely(capture.onFault, 'stream', () => refuseStream(stream))
        return 'refused'
      }
      decision.outlet = stream
      setWatch(stream, new ResponseWatch(response, request.method, capture, decision))
      for (const wrapper of wrappers) wrapper.install(stream)
      stream.on('close', onClose)
      if (decision.presented !== undefined) keepInContext(stream, decision)
      return decision
    } catch (error) {
      reportFault(capture.onFault, 'stream', error)
      if (!capture.refusesAfterFault(decision)) return undefined
      runSafely(capture.onFault, 'stream', () => refuseStream(stream as ServerHttp2Stream))
      return 'refused'
    }
  }
}

/** Any server may emit an event of this name. */
function isServerStream(value: unknown): value is ServerHttp2Stream & Watched {
  if (typeof value !== 'object' || value === null) return false
  const stream = value as Partial<ServerHttp2Stream>
  return typeof stream.respond === 'function' && typeof stream.headersSent === 'boolean'
}

function onClose(this: Watched): void {
  watchOf(this)?.closed()
}

/** Pseudo-header fields (RFC 9113 §8.3.1) as method and target. */
class StreamRequest implements ServedRequest {
  readonly headers: IncomingHttpHeaders
  readonly socket: ServedSocket

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.headers = headers
    this.socket = new StreamSocket(stream)
  }

  get method(): string | undefined {
    return this.headers[':method']
  }

  get url(): string | undefined {
    return this.headers[':path']
  }
}

/** The socket of a stream's session, whose address is asked for while there is one. */
class StreamSocket implements ServedSocket {
  readonly remoteAddress: string | undefined
  readonly #stream: ServerHttp2Stream

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream
    this.remoteAddress = stream.session?.socket.remoteAddress
  }

  getPeerX509Certificate(): X509Certificate | undefined {
    return (this.#stream.session?.socket as ServedSocket | undefined)?.getPeerX509Certificate?.()
  }
}

/**
 * Status codes of gRPC that refuse, and those of HTTP that say the same: UNAUTHENTICATED and
 * PERMISSION_DENIED. They are known where the response is a header alone, as it is when a call is
 * refused before it is served.
 */
const GRPC_REFUSALS: ReadonlyMap<number, number> = new Map([
  [16, 401],
  [7, 403],
])

/** Status and fields as they were sent, whichever API they were given to. */
class StreamResponse implements ServedResponse {
  readonly #stream: ServerHttp2Stream

  constructor(stream: ServerHttp2Stream) {
    this.#stream = stream
  }

  get headersSent(): boolean {
    return this.#stream.headersSent
  }

  /** Node answers 200 where the application names no status; gRPC always does. */
  get statusCode(): number {
    const { sentHeaders } = this.#stream
    const refusal = GRPC_REFUSALS.get(Number(sentHeaders?.['grpc-status']))
    return refusal ?? Number(sentHeaders?.[':status'] ?? 200)
  }

  getHeader(name: string): unknown {
    return findWrittenHeader(this.#stream.sentHeaders, name)
  }
}

interface StreamState {
  readonly aborted?: boolean
  readonly headRequest?: boolean
  readonly headersSent?: boolean
}

/**
 * Node ends a stream by itself before the application answers a HEAD request, and when the client
 * went away.
 */
function wrapStreamEnd(original: Method): Method {
  const watched = wrapEnd(original)
  return function end(_chunk, _encoding, _callback) {
    const { aborted, headRequest, headersSent } = this as StreamState
    const byNode = aborted === true || (headRequest === true && headersSent !== true)
    return Reflect.apply(byNode ? original : watched, this, arguments)
  }
}

/**
 * Status and fields are accepted; Node hands them to the connection at the end of this turn. With
 * `endStream`, and for a response without a body, the original has called `end`.
 */
function wrapRespond(original: Method): Method {
  return function respond(_headers, _options) {
    const result: unknown = Reflect.apply(original, this, arguments)
    const watch = watchOf(this)
    if (watch !== undefined && !watch.done) watch.streamResponded()
    return result
  }
}
