import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Receiver } from '../receiver/receiver.ts'
import { sendError, SECURITY_HEADERS } from './answer.ts'
import type { Api } from './api.ts'
import { isAllowedHost } from './host-check.ts'
import type { Live } from './live.ts'
import { sendPage } from './static-page.ts'

/** What the server is made of. */
export interface ViewerServerOptions {
  readonly api: Api
  readonly live: Live
  readonly receiver: Receiver
  /** Folder of the built page. */
  readonly pageDirectory: string
  /** Names besides the loopback ones that a `Host` header may have. */
  readonly allowedHosts: readonly string[]
  /** Told of a fault of the viewer itself. */
  readonly onFault: (error: unknown) => void
}

/** Makes the viewer's HTTP server; it is not bound yet. */
export function createViewerServer(options: ViewerServerOptions): Server {
  const server = createServer((request, response) => {
    route(options, request, response).catch((error: unknown) => {
      options.onFault(error)
      if (response.headersSent) response.destroy()
      else sendError(response, 500, 'ERR_VIEWER_INTERNAL', 'the viewer failed; its log says why')
    })
  })
  server.headersTimeout = 10_000
  server.requestTimeout = 60_000
  return server
}

async function route(
  options: ViewerServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value)
  if (!isAllowedHost(request.headers.host, options.allowedHosts)) {
    return sendError(response, 421, 'ERR_VIEWER_HOST', 'this host name is not the viewer\u2019s')
  }
  const url = toUrl(request.url)
  if (url === undefined) return sendError(response, 400, 'ERR_VIEWER_URL', 'address is no URL')
  if (url.pathname === '/v1/logs') return routeLogs(options.receiver, request, response)
  if (url.pathname === '/api/live') return routeLive(options.live, request, response)
  if (url.pathname.startsWith('/api/')) return options.api(request, response, url)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuseMethod(response, 'GET, HEAD')
  }
  return sendPage(response, options.pageDirectory, url.pathname)
}

async function routeLogs(
  receiver: Receiver,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== 'POST') return refuseMethod(response, 'POST')
  return receiver.handle(request, response)
}

function routeLive(live: Live, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET') return refuseMethod(response, 'GET')
  if (!live.add(response)) {
    sendError(response, 503, 'ERR_VIEWER_TOO_MANY', 'too many pages follow already: close one')
  }
}

function refuseMethod(response: ServerResponse, allowed: string): void {
  response.setHeader('allow', allowed)
  sendError(response, 405, 'ERR_VIEWER_METHOD', `this address takes ${allowed} only`)
}

function toUrl(target: string | undefined): URL | undefined {
  // A second slash would make the path a host name.
  const path = (target ?? '/').replace(/^\/+/, '/')
  return URL.canParse(path, 'http://viewer') ? new URL(path, 'http://viewer') : undefined
}
