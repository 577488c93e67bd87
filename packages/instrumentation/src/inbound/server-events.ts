import type * as http from 'node:http'
import { Server } from 'node:net'
import { type Decision, runInDecision } from '../decision.ts'
import type { InboundHttp } from './http-server.ts'
import { nameAfter } from '../name-after.ts'

type Emit = (this: unknown, ...args: unknown[]) => boolean

/** A decision, `refused` when the application must not hear of it, or `undefined` for neither. */
export type Opened = Decision | 'refused' | undefined

/** Opens decisions for requests that only an event of the server tells of. Never throws. */
export interface ServerEventOpener {
  /** @param args - What the listeners of `stream` get: an HTTP/2 stream and its headers. */
  openStream(args: readonly unknown[]): Opened
  /** @param args - What the listeners of `upgrade` get: the request and its socket. */
  openUpgrade(args: readonly unknown[]): Opened
}

/** Where the `emit` of ours keeps who opens decisions: the first in the list. */
const OPENERS = Symbol('tokentrail.openers')

interface HookedEmit extends Emit {
  [OPENERS]?: ServerEventOpener[]
}

/**
 * Has the listeners of `stream` and `upgrade` called with the decision in their asynchronous
 * context, for every server of this process, those that exist included.
 *
 * `http.Server`, `https.Server` and both HTTP/2 servers inherit `emit` by way of `net.Server`: one
 * property of one prototype is enough, `http2` need not be loaded, and other events pay for two
 * comparisons. Nothing else tells of an upgrade before the application hears of it, and nothing at
 * all of an HTTP/2 stream on Node 22.
 */
export function captureServerEvents(opener: ServerEventOpener): InboundHttp {
  const lists = findEmitters().map((emitter) => openersOf(emitter))
  for (const openers of lists) openers.push(opener)
  return {
    stop(): void {
      for (const openers of lists) {
        const index = openers.indexOf(opener)
        if (index !== -1) openers.splice(index, 1)
      }
    },
  }
}

/**
 * The prototypes whose `emit` servers use. Who was here before, such as `instrumentation-http`, may
 * have given `http.Server` and `https.Server` an `emit` of their own, which knows nothing of ours.
 */
function findEmitters(): readonly object[] {
  const { Server: HttpServer } = loadHttp()
  if (!Object.hasOwn(HttpServer.prototype, 'emit')) return [Server.prototype]
  const { Server: HttpsServer } = process.getBuiltinModule('node:https')
  const owners = [HttpServer.prototype, HttpsServer.prototype]
  return [Server.prototype, ...owners.filter((owner) => Object.hasOwn(owner, 'emit'))]
}

/** An `import` would read every export of it, and so load its WebSocket: 6 MiB of memory. */
function loadHttp(): typeof http {
  return process.getBuiltinModule('node:http')
}

/** A second instrumentation in this process joins the list: each request is left to the first. */
function openersOf(emitter: object): ServerEventOpener[] {
  const original = Reflect.get(emitter, 'emit') as HookedEmit
  return original[OPENERS] ?? hookEmit(emitter, original)
}

function hookEmit(emitter: object, original: Emit): ServerEventOpener[] {
  const openers: ServerEventOpener[] = []
  const emit: HookedEmit = function emit(type): boolean {
    const decision =
      type === 'stream' || type === 'upgrade' ? open(openers, type, arguments) : undefined
    if (decision === undefined) return Reflect.apply(original, this, arguments as never)
    if (decision === 'refused') return true
    return runInDecision(decision, original, this, arguments)
  }
  emit[OPENERS] = openers
  Object.defineProperty(emit, OPENERS, { enumerable: false })
  Object.defineProperty(emitter, 'emit', {
    value: nameAfter(emit, original),
    writable: true,
    configurable: true,
    enumerable: false,
  })
  return openers
}

function open(
  [opener]: readonly ServerEventOpener[],
  type: 'stream' | 'upgrade',
  [, ...args]: ArrayLike<unknown> & Iterable<unknown>,
): Opened {
  return type === 'stream' ? opener?.openStream(args) : opener?.openUpgrade(args)
}
