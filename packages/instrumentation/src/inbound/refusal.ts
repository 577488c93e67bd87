import type { Server, ServerResponse } from 'node:http'
import type { ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import { nameAfter } from '../name-after.ts'

/** How soon the client may come again, in seconds. */
const RETRY_AFTER_SECONDS = 5

/** Error code of RFC 6749 §4.1.2.1: the refusal is no fault of the client or its token. */
const BODY = '{"error":"temporarily_unavailable"}\n'

/** Events by which Node hands a request to the application. */
const REQUEST_EVENTS: ReadonlySet<unknown> = new Set([
  'request',
  'checkContinue',
  'checkExpectation',
])

const REFUSED: unique symbol = Symbol('tokentrail.refused')

interface Refusable extends ServerResponse {
  [REFUSED]?: boolean
}

type Emit = (this: unknown, ...args: unknown[]) => boolean

const hooked: unique symbol = Symbol('tokentrail.refusing')

interface RefusingServer extends Server {
  [hooked]?: boolean
}

/**
 * Refuses an HTTP/1.1 request that Node is about to hand to the application: no listener of the
 * server hears of it, and the answer is 503 with `Retry-After`. The first refusal gives the server
 * an `emit` of its own; until then it is as it was.
 */
export function refuseRequest(server: RefusingServer, response: Refusable): void {
  response[REFUSED] = true
  if (server[hooked]) return
  const original = Reflect.get(server, 'emit') as Emit
  const emit: Emit = function emit(type, _request, response): boolean {
    if (!REQUEST_EVENTS.has(type) || (response as Refusable)[REFUSED] !== true) {
      return Reflect.apply(original, this, arguments as never)
    }
    answer(response as ServerResponse)
    return true
  }
  const value = nameAfter(emit, original)
  Object.defineProperty(server, 'emit', { value, writable: true, configurable: true })
  Object.defineProperty(server, hooked, { value: true })
}

function answer(response: ServerResponse): void {
  response.writeHead(503, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(BODY),
    'cache-control': 'no-store',
    'retry-after': String(RETRY_AFTER_SECONDS),
  })
  response.end(BODY)
}

/** Refuses an HTTP/2 request that nobody has heard of yet. */
export function refuseStream(stream: ServerHttp2Stream): void {
  stream.respond({
    ':status': 503,
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'retry-after': String(RETRY_AFTER_SECONDS),
  })
  stream.end(BODY)
}

/** Refuses an upgrade that nobody has heard of yet. */
export function refuseUpgrade(socket: Duplex): void {
  socket.end(
    'HTTP/1.1 503 Service Unavailable\r\n' +
      'Content-Type: application/json\r\n' +
      `Content-Length: ${Buffer.byteLength(BODY)}\r\n` +
      'Cache-Control: no-store\r\n' +
      `Retry-After: ${RETRY_AFTER_SECONDS}\r\n` +
      `Connection: close\r\n\r\n${BODY}`,
  )
}
