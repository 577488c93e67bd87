import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { createServer } from 'node:http'
import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { OAuthInstrumentationConfig } from '../src/types.ts'
import { send, startRecordedServer, WITH_TOKEN, type Received } from './recorded-server.ts'

const fault = (): never => {
  throw new Error('injected')
}

/** Every way in which a part of ours can fail while a request is served. */
const FAULTS: readonly (readonly [string, boolean, OAuthInstrumentationConfig])[] = [
  ['nothing fails', false, {}],
  ['the recorder fails', true, { recorder: { recordRequest: fault, stamp: () => undefined } }],
  // Nobody asks for a stamp here; one that fails while spans run is tried in stamp.test.ts.
  ['the stamp fails', false, { recorder: { recordRequest: () => {}, stamp: fault } }],
  ['both fail', true, { recorder: { recordRequest: fault, stamp: fault } }],
  ['the clock fails', true, { clock: { unixNanos: fault } }],
  // Nobody is left to tell: the list of faults stays empty.
  ['even the report of the fault fails', false, { clock: { unixNanos: fault }, onFault: fault }],
]

const LISTENERS: readonly (readonly [string, RequestListener])[] = [
  ['end', (_, response) => void response.end('body')],
  ['end with a callback', (_, response) => void response.end('body', () => {})],
  ['an empty end', (_, response) => void response.writeHead(204).end()],
  [
    'writeHead',
    (_, response) => void response.writeHead(401, 'No', { 'WWW-Authenticate': 'Bearer' }).end('no'),
  ],
  ['header lists', (_, response) => void response.writeHead(403, ['X-A', '1', 'X-A', '2']).end()],
  [
    'a length and several writes',
    (_, response) => {
      response.setHeader('Content-Length', 6)
      response.write('abc')
      response.write(Buffer.from('def'))
      response.end()
    },
  ],
  [
    'a compressed stream',
    (_, response) => void pipeline(Readable.from(['a', 'b']), createGzip(), response),
  ],
  [
    'trailers',
    (request, response) => {
      if (request.method === 'HEAD') return void response.end()
      response.setHeader('Trailer', 'X-T')
      response.write('x')
      response.addTrailers({ 'X-T': '1' })
      response.end()
    },
  ],
  [
    'a second end and a write after it',
    (_, response) => {
      response.on('error', () => {})
      response.end('once')
      response.end('twice')
      response.write('late')
    },
  ],
  [
    'an error that the application handles',
    (_, response) => {
      try {
        response.writeHead(99)
      } catch (error) {
        response.writeHead(500).end((error as NodeJS.ErrnoException).code)
      }
    },
  ],
]

async function receiveUnrecorded(listener: RequestListener, method: string): Promise<Received> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    return await send((server.address() as AddressInfo).port, { method, headers: WITH_TOKEN })
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}

describe.each(FAULTS)('when %s', (_what, fails, config) => {
  it.each(LISTENERS)('the response is the same as without us: %s', async (_, listener) => {
    for (const method of ['GET', 'POST', 'HEAD']) {
      const expected = await receiveUnrecorded(listener, method)
      const served = await startRecordedServer(listener, config)
      expect(await send(served.port, { method, headers: WITH_TOKEN })).toEqual(expected)
      expect(served.faults.length > 0).toBe(fails)
      await served.close()
    }
  })
})

describe('a fault before the application sees the request', () => {
  it('is caught and told, and the request is served', async () => {
    const served = await startRecordedServer((_, response) => void response.end('served'))
    // Another subscriber, called first, leaves a request that cannot be read the first time.
    const broken = (message: unknown): void => {
      const { request } = message as { request: { headers?: unknown } }
      const get = (): never => {
        delete request.headers
        return fault()
      }
      Object.defineProperty(request, 'headers', { get, configurable: true })
    }
    served.instrumentation.disable()
    subscribe('http.server.request.start', broken)
    served.instrumentation.enable()
    try {
      expect((await send(served.port, { headers: WITH_TOKEN })).body).toBe('served')
    } finally {
      unsubscribe('http.server.request.start', broken)
    }
    expect(served.faults).toEqual(['http.server.request.start'])
  })
})
