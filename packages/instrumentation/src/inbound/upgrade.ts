import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Capture } from '../capture.ts'
import { Decision } from '../decision.ts'
import { reportFault, runSafely } from '../safe.ts'
import { HandshakeResponse } from './handshake-response.ts'
import { rememberPeer } from './remember-peer.ts'
import { refuseUpgrade } from './refusal.ts'
import type { ResponseProgress } from './response-watch.ts'
import type { Opened } from './server-events.ts'

/** Opens the decision of an upgrade; undefined for what is none. Never throws. */
export type OpenUpgrade = (args: readonly unknown[]) => Opened

/**
 * Creates what opens decisions for upgrade requests, e.g. WebSocket handshakes (RFC 6455 §4), and
 * watches what the application answers on the bare socket: it is told of before the header's last
 * byte goes. From then on the socket is as it was.
 */
export function createUpgradeOpener(capture: Capture): OpenUpgrade {
  return ([request, socket]) => {
    try {
      if (!isRequest(request) || !isSocket(socket)) return undefined
      const response = new HandshakeResponse()
      const decision = new Decision(request, response, capture.stamping, capture)
      if (!capture.admits(decision)) {
        refuseUpgrade(socket)
        return 'refused'
      }
      rememberPeer(request.socket)
      decision.outlet = socket
      watchSocket(socket, response, capture, (progress) => {
        if (!capture.isWanted(decision)) return
        capture.ended(decision, progress, response.getHeader('www-authenticate'))
      })
      return decision
    } catch (error) {
      reportFault(capture.onFault, 'upgrade', error)
      return undefined
    }
  }
}

function isRequest(value: unknown): value is IncomingMessage {
  return typeof value === 'object' && value !== null && 'headers' in value && 'method' in value
}

function isSocket(value: unknown): value is Duplex {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Partial<Duplex>).write === 'function' &&
    typeof (value as Partial<Duplex>).end === 'function'
  )
}

type Write = (this: unknown, ...args: unknown[]) => unknown

function watchSocket(
  socket: Duplex,
  response: HandshakeResponse,
  { onFault }: Capture,
  tell: (progress: ResponseProgress) => void,
): void {
  let isOver = false
  const finish = (progress: ResponseProgress): void => {
    if (isOver) return
    isOver = true
    restoreWrite()
    restoreEnd()
    runSafely(onFault, 'upgrade', () => tell(progress))
  }
  const see = (chunk: unknown, encoding: unknown, isEnd: boolean): void => {
    if (isOver) return
    runSafely(onFault, 'upgrade', () => response.add(chunk, encoding))
    if (response.headersSent || isEnd) finish(response.headersSent ? 'complete' : 'aborted')
  }
  const restoreWrite = replaceMethod(
    socket,
    'write',
    (original) =>
      function write(chunk, encoding, _callback) {
        see(chunk, encoding, false)
        return Reflect.apply(original, this, arguments as never)
      },
  )
  const restoreEnd = replaceMethod(
    socket,
    'end',
    (original) =>
      function end(chunk, encoding, _callback) {
        see(chunk, encoding, true)
        return Reflect.apply(original, this, arguments as never)
      },
  )
  socket.once('close', () => finish('aborted'))
}

/** Gives one object a method of its own; the function that is returned takes it away again. */
function replaceMethod(
  target: Duplex,
  name: 'write' | 'end',
  wrap: (original: Write) => Write,
): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name)
  const original = target[name] as Write
  const value = wrap(original)
  Object.defineProperties(value, {
    name: { value: original.name, configurable: true },
    length: { value: original.length, configurable: true },
  })
  Object.defineProperty(target, name, { value, writable: true, configurable: true })
  return () => {
    // Somebody may have wrapped it since: then ours stays, and only passes on.
    if (target[name] !== (value as unknown)) return
    if (own === undefined) Reflect.deleteProperty(target, name)
    else Object.defineProperty(target, name, own)
  }
}
