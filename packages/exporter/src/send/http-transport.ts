import * as http from 'node:http'
import type * as https from 'node:https'
import { systemErrorCode } from '../errors.ts'
import type { Destination } from '../endpoint.ts'
import type { Reply } from './answer.ts'

/** Moves bytes to the receiver and back; judging the reply is `answer.ts`. */
export interface Transport {
  /** Never rejects: a failure is a reply without status. One attempt, one timeout. */
  send(body: Uint8Array): Promise<Reply>
  close(): void
}

const MAX_REPLY_BYTES = 65_536

/**
 * Creates the OTLP/HTTP transport: `POST` of JSON over kept connections.
 *
 * @param isCompressed - Whether bodies are gzip already.
 */
export function createHttpTransport(
  destination: Destination,
  userAgent: string,
  isCompressed: boolean,
): Transport {
  const url = new URL(destination.url)
  const { request, Agent } = url.protocol === 'https:' ? loadHttps() : http
  const agent = new Agent({ keepAlive: true, maxSockets: 4, timeout: destination.timeoutMillis })
  const options: https.RequestOptions = {
    agent,
    method: 'POST',
    headers: {
      ...destination.headers,
      'content-type': 'application/json',
      'user-agent': userAgent,
      ...(isCompressed ? { 'content-encoding': 'gzip' } : {}),
    },
    ...(destination.certificateAuthority === undefined
      ? {}
      : { ca: destination.certificateAuthority }),
  }
  return {
    send: (body) => sendOnce(() => request(url, options), body, destination.timeoutMillis),
    close: () => agent.destroy(),
  }
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
    const request = begin()
    const timer = setTimeout(() => request.destroy(new TimeoutError()), timeoutMillis)
    const settle = (reply: Reply) => {
      clearTimeout(timer)
      resolve(reply)
    }
    request.on('error', (error) => settle({ failure: failureOf(error) }))
    request.on('response', (response) => collect(response, settle))
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

class TimeoutError extends Error {
  readonly code: string = 'TIMEOUT'
}

function failureOf(error: Error): string {
  return systemErrorCode(error) ?? error.name
}
