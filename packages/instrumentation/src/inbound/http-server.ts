import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Capture } from '../capture.ts'
import { currentDecision, Decision, enterDecision } from '../decision.ts'
import { reportFault } from '../safe.ts'
import { keepInContext } from './emit-context.ts'
import { rememberPeer } from './remember-peer.ts'
import { refuseRequest } from './refusal.ts'
import { createResponseWatcher, type WatchResponse } from './response.ts'

/**
 * Published by Node before the server emits `request`, so before any code of the application and
 * before the HTTP server span starts; for `https` and for the HTTP/1.1 connections of an HTTP/2
 * server too. `CONNECT`, `upgrade` and HTTP/2 requests do not pass here.
 */
const REQUEST_START = 'http.server.request.start'

/** Listens to servers until {@link InboundHttp.stop}. */
export interface InboundHttp {
  /** Stops listening; requests that are being served are still recorded. Idempotent. */
  stop(): void
}

/** Starts to record the requests of every HTTP/1.1 server of this process. */
export function captureHttpServers(capture: Capture): InboundHttp {
  const watchResponse = createResponseWatcher(capture)
  const onStart = (message: unknown): void => {
    try {
      openDecision(capture, watchResponse, message as RequestStart)
    } catch (error) {
      // An exception here would end the process: Node rethrows it as uncaught.
      reportFault(capture.onFault, REQUEST_START, error)
    }
  }
  subscribe(REQUEST_START, onStart)
  return {
    stop(): void {
      unsubscribe(REQUEST_START, onStart)
    },
  }
}

/** What Node publishes. */
interface RequestStart {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly server: Server
}

function openDecision(
  capture: Capture,
  watchResponse: WatchResponse<Decision>,
  { request, response, server }: RequestStart,
): void {
  // A second instrumentation in this process leaves the request to the first.
  if (currentDecision()?.response === response) return
  let decision: Decision | undefined
  try {
    decision = new Decision(request, response, capture.stamping, capture)
    if (!capture.admits(decision)) {
      enterDecision(undefined)
      refuseRequest(server, response)
      return
    }
    decision.outlet = request.socket
    enterDecision(decision)
    watchResponse(response, decision)
    if (decision.presented !== undefined || capture.isServing) prepare(request, decision)
  } catch (error) {
    // Nothing may inherit the last request of a kept-alive connection.
    enterDecision(undefined)
    if (capture.refusesAfterFault(decision)) refuseRequest(server, response)
    throw error
  }
}

function prepare(request: IncomingMessage, decision: Decision): void {
  rememberPeer(request.socket)
  if (hasBody(request)) keepInContext(request, decision)
}

/** RFC 9112 §6: one of these fields says that a body follows. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined
}
