import { readFileSync } from 'node:fs'
import type * as http from 'node:http'
import type * as https from 'node:https'
import { systemErrorCode } from '../errors.ts'
import type { Destination } from '../endpoint.ts'
import type { Reply } from './answer.ts'

/** Moves bytes to the receiver and back; judging the reply is `answer.ts`. */
export interface Transport {
  /**
   * Never rejects: a failure is a reply without status. One attempt, one timeout.
   *
   * @param encoding - What the body is compressed with; `undefined` when it is not.
   */
  send(body: Uint8Array, encoding?: 'gzip' | 'zstd'): Promise<Reply>
  close(): void
}

const MAX_REPLY_BYTES = 65_536

/** Creates the OTLP/HTTP transport: `POST` of JSON over kept connections. */
export function createHttpTransport(destination: Destination, userAgent: string): Transport {
  const url = new URL(destination.url)
  const { request, Agent } = url.protocol === 'https:' ? loadHttps() : loadHttp()
  const connection = { keepAlive: true, maxSockets: 4, timeout: destination.timeoutMillis }
  const headers = {
    ...destination.headers,
    'content-type': 'application/json',
    'user-agent': userAgent,
  }
  let agent: http.Agent | undefined
  const options = (encoding: string | undefined): https.RequestOptions => {
    agent ??= new Agent({ ...connection, ...readCredentials(destination) })
    const coding = encoding === undefined ? {} : { 'content-encoding': encoding }
    return { agent, method: 'POST', headers: { ...headers, ...coding } }
  }
  const close = (): void => {
    agent?.destroy()
    agent = undefined
  }
  const sendOnceMore = async (body: Uint8Array, encoding?: string): Promise<Reply> => {
    const begin = () => request(url, options(encoding))
    const attempt = () => sendOnce(begin, body, destination.timeoutMillis)
    const reply = await attempt()
    // The receiver had closed the connection that was kept, most likely before it saw the request.
    return 'failure' in reply && reply.isStale === true ? attempt() : reply
  }
  return {
    send: async (body, encoding) => {
      const reply = await sendOnceMore(body, encoding)
      // A certificate may have run out and been renewed: the files are read again.
      if ('failure' in reply && destination.clientCertificate) close()
      return reply
    },
    close,
  }
}

function readCredentials(destination: Destination): https.AgentOptions {
  const { certificateAuthority, clientCertificate } = destination
  return {
    ...(certificateAuthority === undefined ? {} : { ca: certificateAuthority }),
    ...(clientCertificate === undefined
      ? {}
      : {
          cert: readFileSync(clientCertificate.certificateFile),
          key: readFileSync(clientCertificate.keyFile),
        }),
  }
}

/**
 * An `import` would read every export of `node:http`, and so load its WebSocket: 5 MiB of the
 * delivery thread's memory.
 */
function loadHttp(): typeof http {
  return process.getBuiltinModule('node:http')
}

/** Loaded only where it is used: it takes 4 MiB of the delivery thread's memory. */
function loadHttps(): typeof https {
  return process.getBuiltinModule('node:https')
}

function sendOnce(
  begin: () => http.ClientRequest,
  body: Uint8Array,
  timeoutMillis: number,
): Promise<Reply> {
  return new Promise((resolve) => {
    let request: http.ClientRequest
    try {
      request = begin()
    } catch (error) {
      resolve({ failure: error instanceof Error ? failureOf(error) : 'unknown error' })
      return
    }
    // Settles by itself: an attempt ends, even where a request should end without an event.
    const timer = setTimeout(() => {
      resolve({ failure: 'TIMEOUT' })
      request.destroy()
    }, timeoutMillis)
    const settle = (reply: Reply) => {
      clearTimeout(timer)
      resolve(reply)
    }
    request.on('error', (error) => settle(replyOf(error, request)))
    request.on('response', (response) => collect(response, settle))
    // Nobody asked to switch. Without a listener the request would end with no event but `close`.
    request.on('upgrade', ({ statusCode = 0 }, socket) => {
      socket.destroy()
      settle({ statusCode, body: '' })
    })
    request.setHeader('content-length', body.length)
    request.end(body)
  })
}

function collect(response: http.IncomingMessage, settle: (reply: Reply) => void): void {
  const { statusCode = 0 } = response
  const retryAfter = response.headers['retry-after']
  const parts: Buffer[] = []
  let bytes = 0
  response.on('data', (part: Buffer) => {
    bytes += part.length
    if (bytes <= MAX_REPLY_BYTES) parts.push(part)
  })
  response.on('error', (error) => settle({ failure: failureOf(error) }))
  response.on('aborted', () => settle({ failure: 'ECONNRESET' }))
  response.on('end', () => {
    const body = Buffer.concat(parts).toString('utf8')
    settle({ statusCode, body, ...(retryAfter === undefined ? {} : { retryAfter }) })
  })
}

function replyOf(error: Error, request: http.ClientRequest): Reply {
  const failure = failureOf(error)
  const isStale = request.reusedSocket && (failure === 'ECONNRESET' || failure === 'EPIPE')
  return isStale ? { failure, isStale } : { failure }
}

function failureOf(error: Error): string {
  return systemErrorCode(error) ?? error.name
}
