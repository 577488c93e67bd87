import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Capture } from '../capture.ts'
import { Decision } from '../decision.ts'
import { reportFault, runSafely } from '../safe.ts'
import { HandshakeResponse } from './handshake-response.ts'
import { watchHandshake } from './handshake-watch.ts'
import { rememberPeer } from './remember-peer.ts'
import { refuseUpgrade } from './refusal.ts'
import type { Opened } from './server-events.ts'

/** Opens the decision of an upgrade; undefined for what is none. Never throws. */
export type OpenUpgrade = (args: readonly unknown[]) => Opened

/**
 * Creates what opens decisions for upgrade requests, e.g. WebSocket handshakes (RFC 6455 §4), and
 * watches what the application answers on the bare socket: it is told of before the header's last
 * byte goes. From then on the socket is as it was.
 */
export function createUpgradeOpener(capture: Capture): OpenUpgrade {
  // A server may pass an upgrade on to another by emitting it there, in this turn or later.
  const opened = new WeakSet<object>()
  return ([request, socket]) => {
    let decision: Decision | undefined
    try {
      if (!isRequest(request) || !isSocket(socket) || opened.has(request)) return undefined
      opened.add(request)
      const response = new HandshakeResponse()
      const opening = new Decision(request, response, capture.stamping, capture)
      decision = opening
      if (!capture.admits(opening)) {
        runSafely(capture.onFault, 'upgrade', () => refuseUpgrade(socket))
        return 'refused'
      }
      rememberPeer(request.socket)
      opening.outlet = socket
      watchHandshake(socket, response, capture.onFault, (progress) => {
        if (!capture.isWanted(opening)) return
        capture.ended(opening, progress, response.getHeader('www-authenticate'))
      })
      return opening
    } catch (error) {
      reportFault(capture.onFault, 'upgrade', error)
      if (!capture.refusesAfterFault(decision)) return undefined
      runSafely(capture.onFault, 'upgrade', () => refuseUpgrade(socket as Duplex))
      return 'refused'
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
