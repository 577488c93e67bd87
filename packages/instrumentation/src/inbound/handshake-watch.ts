import type { Duplex } from 'node:stream'
import { runSafely } from '../safe.ts'
import type { FaultHandler } from '../types.ts'
import type { HandshakeResponse } from './handshake-response.ts'
import { isHeld } from './hold.ts'
import type { ResponseProgress } from './response-watch.ts'
import { nameAfter } from '../name-after.ts'

type Method = (this: unknown, ...args: unknown[]) => unknown

/**
 * Watches what an application answers to an upgrade on the bare socket: `write` and `end`, until
 * the header is whole. From then on the methods are the socket's own again.
 *
 * @param tell - Called once: before the header's last byte goes, or when the socket closed before.
 */
export function watchHandshake(
  socket: Duplex,
  response: HandshakeResponse,
  onFault: FaultHandler,
  tell: (progress: ResponseProgress) => void,
): void {
  let isOver = false
  const finish = (progress: ResponseProgress): void => {
    if (isOver) return
    isOver = true
    for (const restore of restorers) restore()
    runSafely(onFault, 'upgrade', () => tell(progress))
  }
  const see: See = (chunk, encoding, isEnd) => {
    if (isOver) return
    runSafely(onFault, 'upgrade', () => response.add(chunk, encoding))
    if (response.headersSent || isEnd) finish(response.headersSent ? 'complete' : 'aborted')
  }
  const restorers = [
    replaceMethod(socket, 'write', (original) => wrapWrite(original, socket, see)),
    replaceMethod(socket, 'end', (original) => wrapEnd(original, socket, see)),
  ]
  socket.once('close', () => finish('aborted'))
}

/** Sees what is being handed over, before it goes. */
type See = (chunk: unknown, encoding: unknown, isEnd: boolean) => void

function wrapWrite(original: Method, socket: Duplex, see: See): Method {
  return function write(chunk, encoding, _callback) {
    see(chunk, encoding, false)
    const args = isHeld(socket) ? withCallback([...arguments]) : [...arguments]
    return Reflect.apply(original, this, args)
  }
}

function wrapEnd(original: Method, socket: Duplex, see: See): Method {
  return function end(chunk, encoding, _callback) {
    see(chunk, encoding, true)
    const args = [...arguments]
    if (!isHeld(socket) || isCallback(chunk) || chunk === undefined || chunk === null) {
      return Reflect.apply(original, this, args)
    }
    const written = [chunk, isCallback(encoding) ? undefined : encoding]
    Reflect.apply(Reflect.get(socket, 'write') as Method, socket, withCallback(written))
    return Reflect.apply(original, this, args.filter(isCallback))
  }
}

/**
 * Node finishes a writable that was ended while it was corked only if a write that it held had a
 * callback.
 */
function withCallback(args: readonly unknown[]): readonly unknown[] {
  return args.some(isCallback) ? args : [args[0], args[1], () => {}]
}

function isCallback(value: unknown): boolean {
  return typeof value === 'function'
}

/** Gives one object a method of its own; the function that is returned takes it away again. */
function replaceMethod(
  target: Duplex,
  name: 'write' | 'end',
  wrap: (original: Method) => Method,
): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name)
  const original = Reflect.get(target, name) as Method
  const value = nameAfter(wrap(original), original)
  Object.defineProperty(target, name, { value, writable: true, configurable: true })
  return () => {
    // Somebody may have wrapped it since: then ours stays, and only passes on.
    if (Reflect.get(target, name) !== value) return
    if (own === undefined) Reflect.deleteProperty(target, name)
    else Object.defineProperty(target, name, own)
  }
}
