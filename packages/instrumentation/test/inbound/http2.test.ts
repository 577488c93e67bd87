import { open, readFile } from 'node:fs/promises'
import {
  connect,
  constants,
  createSecureServer,
  createServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ClientHttp2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { createServer as createHttpsServer, request as sendHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { currentDecision } from '../../src/decision.ts'
import { record, type RecordedServer, WITH_TOKEN } from '../recorded-server.ts'
import { createSelfSigned } from '../self-signed.ts'

const THIS_FILE = fileURLToPath(import.meta.url)

type StreamListener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void
type RequestListener = (request: Http2ServerRequest, response: Http2ServerResponse) => void

interface Answer {
  readonly headers: Record<string, unknown>
  readonly body: string
}

function connectTo(port: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`)
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  return session
}

function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined })
    let received: Record<string, unknown> = {}
    let text = ''
    stream.setEncoding('utf8')
    stream.on('response', (fields) => (received = { ...fields, date: undefined }))
    stream.on('data', (part: string) => (text += part))
    stream.on('error', reject)
    stream.on('end', () => resolve({ headers: received, body: text }))
    if (body !== undefined) stream.end(body)
  })
}

function serve(listeners: {
  readonly stream?: StreamListener
  readonly request?: RequestListener
}): Http2Server {
  const server = createServer()
  if (listeners.stream !== undefined) server.on('stream', listeners.stream)
  if (listeners.request !== undefined) server.on('request', listeners.request)
  return server
}

const body = 'x'.repeat(1_000)

const RESPONSES: readonly (readonly [string, Parameters<typeof serve>[0]])[] = [
  ['compatible end', { request: (_, response) => void response.end(body) }],
  ['compatible empty end', { request: (_, response) => void response.writeHead(204).end() }],
  [
    'compatible writes',
    {
      request: (_, response) => {
        response.write(body)
        response.write(body, () => setImmediate(() => response.end()))
      },
    },
  ],
  [
    'compatible pipe with a length, whose end comes later',
    {
      request: (_, response) => {
        response.setHeader('content-length', 2 * body.length)
        response.write(body)
        response.write(body, () => setImmediate(() => response.end()))
      },
    },
  ],
  [
    'compatible pipeline',
    { request: (_, response) => void pipeline(Readable.from([body, body]), response) },
  ],
  [
    'raw respond and end',
    {
      stream: (stream) => {
        stream.respond({ ':status': 200, 'Content-Type': 'text/plain' })
        stream.end(body)
      },
    },
  ],
  ['raw end alone', { stream: (stream) => void stream.end(body) }],
  ['raw header alone', { stream: (stream) => stream.respond({}, { endStream: true }) }],
  [
    'raw header, then an end in a later turn',
    {
      stream: (stream) => {
        stream.respond({})
        setImmediate(() => stream.end(body))
      },
    },
  ],
  ['raw 304', { stream: (stream) => stream.respond({ ':status': 304 }) }],
  ['a file', { stream: (stream) => stream.respondWithFile(THIS_FILE, {}) }],
  [
    'a file descriptor',
    {
      stream: (stream) => {
        void open(THIS_FILE).then((file) => {
          stream.respondWithFD(file, {})
          stream.on('close', () => void file.close())
        })
      },
    },
  ],
  [
    'trailers',
    {
      stream: (stream) => {
        stream.respond({}, { waitForTrailers: true })
        stream.on('wantTrailers', () => stream.sendTrailers({ 'x-t': '1' }))
        stream.end(body)
      },
    },
  ],
]

describe('a request over HTTP/2', () => {
  it.each(RESPONSES)('is recorded once before the last byte: %s', async (_, listeners) => {
    for (const method of ['GET', 'HEAD']) {
      // Node ends the raw stream of a HEAD request by itself: a body is a mistake there.
      if (method === 'HEAD' && !/^(?:compatible|raw 304|raw header alone)/.test(_)) continue
      const served = await record(serve(listeners))
      const bytesAtRecord: number[] = []
      served.recorder.onRequest = () => bytesAtRecord.push(served.sockets[0]?.bytesWritten ?? -1)
      const session = connectTo(served.port)
      const answer = await ask(session, { ':method': method, ':path': '/orders', ...WITH_TOKEN })
      expect(served.faults).toEqual([])
      expect(served.recorder.requests).toMatchObject([
        {
          method,
          path: '/orders',
          complete: true,
          statusCode: answer.headers[':status'],
          token: 'token-of-the-request',
          clientAddress: '127.0.0.1',
        },
      ])
      expect(bytesAtRecord[0]).toBeGreaterThan(0)
      expect(bytesAtRecord[0]).toBeLessThan(served.sockets[0]?.bytesWritten ?? -1)
      await served.close()
    }
  })

  it.each(RESPONSES)('gets the same response as without us: %s', async (_, listeners) => {
    const receive = async (served: { port: number }): Promise<Answer> =>
      ask(connectTo(served.port), { ':path': '/orders', ...WITH_TOKEN })
    const plain = serve(listeners)
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void plain.close())
    const expected = await receive({ port: (plain.address() as AddressInfo).port })
    const fault = (): never => {
      throw new Error('injected')
    }
    const served = await record(serve(listeners))
    expect(await receive(served)).toEqual(expected)
    await served.close()
    const faulty = await record(serve(listeners), { clock: { unixNanos: fault } })
    expect(await receive(faulty)).toEqual(expected)
    expect(faulty.faults).not.toEqual([])
    const text = await readFile(THIS_FILE, 'utf8')
    expect(['', body, body + body, text]).toContain(expected.body)
  })

  const value = 'Bearer error="invalid_token"'
  it.each<[string, Parameters<typeof serve>[0]]>([
    [
      'raw',
      {
        stream: (stream) =>
          stream.respond({ ':status': 401, 'WWW-Authenticate': value }, { endStream: true }),
      },
    ],
    [
      'writeHead',
      {
        request: (_, response) => void response.writeHead(401, { 'WWW-Authenticate': value }).end(),
      },
    ],
    [
      'setHeader',
      {
        request: (_, response) => {
          response.statusCode = 401
          response.setHeader('www-authenticate', value)
          response.end('no')
        },
      },
    ],
  ])('has its challenge read: %s', async (_, listeners) => {
    const served = await record(serve(listeners))
    await ask(connectTo(served.port), { ':path': '/' })
    expect(served.recorder.requests).toMatchObject([
      { statusCode: 401, challenges: [{ scheme: 'bearer', error: 'invalid_token' }] },
    ])
  })

  it('is not recorded without a token or a refusal, nor are other streams of its session', async () => {
    const served = await record(
      serve({
        request: (request, response) => void response.writeHead(Number(request.url.slice(1))).end(),
      }),
    )
    const session = connectTo(served.port)
    await Promise.all([
      ask(session, { ':path': '/200' }),
      ask(session, { ':path': '/404' }),
      ask(session, { ':path': '/403', authorization: 'Bearer one' }),
      ask(session, { ':path': '/200', authorization: 'Bearer two' }),
    ])
    expect(
      new Map(served.recorder.requests.map(({ statusCode, token }) => [token, statusCode])),
    ).toEqual(
      new Map([
        ['one', 403],
        ['two', 200],
      ]),
    )
    expect(served.recorder.requests).toHaveLength(2)
  })

  it('says that a response is not complete whose client went away', async () => {
    const served = await record(
      serve({
        stream: (stream) => {
          stream.on('error', () => {})
          stream.respond({})
          stream.write('first part')
        },
      }),
    )
    const recorded = new Promise((resolve) => (served.recorder.onRequest = resolve))
    const stream = connectTo(served.port).request({ ':path': '/', ...WITH_TOKEN })
    stream.on('error', () => {})
    stream.once('data', () => stream.close(constants.NGHTTP2_CANCEL))
    await recorded
    expect(served.recorder.requests).toMatchObject([{ complete: false, statusCode: 200 }])
  })

  it('has the address of a client whose connection broke', async () => {
    const served = await record(
      serve({
        stream: (stream) => {
          stream.on('error', () => {})
          stream.respond({})
          stream.write('first part')
        },
      }),
    )
    const recorded = new Promise((resolve) => (served.recorder.onRequest = resolve))
    const session = connectTo(served.port)
    const stream = session.request({ ':path': '/', ...WITH_TOKEN })
    stream.on('error', () => {})
    stream.once('data', () => session.destroy())
    await recorded
    expect(served.recorder.requests).toMatchObject([
      { complete: false, statusCode: 200, clientAddress: '127.0.0.1' },
    ])
  })

  it('keeps its decision while the body is read, in both interfaces', async () => {
    const seen: unknown[] = []
    const see = (): void => void seen.push(currentDecision()?.token)
    const served = await record(
      serve({
        stream: (stream) => {
          see()
          stream.on('data', see).on('end', see)
        },
        request: (request, response) => {
          request.on('data', see).on('end', () => {
            see()
            setImmediate(() => {
              see()
              response.end()
            })
          })
        },
      }),
    )
    const session = connectTo(served.port)
    await Promise.all(
      ['one', 'two'].map((token) =>
        ask(session, { ':method': 'POST', ':path': '/', authorization: `Bearer ${token}` }, body),
      ),
    )
    expect(seen).toHaveLength(12)
    expect(seen.filter((token) => token === 'one')).toHaveLength(6)
    expect(seen.filter((token) => token === 'two')).toHaveLength(6)
    expect(currentDecision()).toBeUndefined()
  })

  it('is recorded before the first byte of server-sent events', async () => {
    const served = await record(
      serve({
        stream: (stream) => {
          stream.on('error', () => {})
          stream.respond({ 'content-type': 'text/event-stream' })
        },
      }),
    )
    const stream = connectTo(served.port).request({ ':path': '/', ...WITH_TOKEN })
    stream.on('error', () => {})
    await new Promise((resolve) => stream.once('response', resolve))
    expect(served.recorder.requests).toMatchObject([
      { complete: false, streaming: true, statusCode: 200 },
    ])
    stream.close(constants.NGHTTP2_CANCEL)
    await new Promise((resolve) => stream.once('close', resolve))
    await served.close()
    expect(served.recorder.requests).toHaveLength(1)
  })

  it.each([
    [16, 401],
    [7, 403],
    [5, 200],
  ])('of gRPC has the status that its own status %i means', async (grpcStatus, statusCode) => {
    const served = await record(
      serve({
        stream: (stream) =>
          stream.respond(
            { 'content-type': 'application/grpc+proto', 'grpc-status': grpcStatus },
            { endStream: true },
          ),
      }),
    )
    const path = '/orders.v1.Orders/Get'
    await ask(connectTo(served.port), { ':method': 'POST', ':path': path, ...WITH_TOKEN }, body)
    expect(served.recorder.requests).toMatchObject([{ method: 'POST', path, statusCode }])
  })

  it('is recorded when it opens a tunnel (RFC 8441)', async () => {
    const server = createServer({ settings: { enableConnectProtocol: true } })
    server.on('stream', (stream) => {
      stream.on('error', () => {})
      stream.respond({ ':status': 200 })
    })
    const served = await record(server)
    const session = connectTo(served.port)
    await new Promise((resolve) => session.once('remoteSettings', resolve))
    const fields = { ':method': 'CONNECT', ':protocol': 'websocket', ':path': '/chat' }
    const stream = session.request({ ...fields, ...WITH_TOKEN }, { endStream: false })
    stream.on('error', () => {})
    await new Promise((resolve) => stream.once('response', resolve))
    expect(served.recorder.requests).toMatchObject([
      { method: 'CONNECT', path: '/chat', statusCode: 200, streaming: true },
    ])
  })

  it('is left to the first of two instrumentations', async () => {
    const served = await record(serve({ request: (_, response) => void response.end() }))
    const second = await record(serve({}))
    const session = connectTo(served.port)
    await ask(session, { ':path': '/', ...WITH_TOKEN })
    expect([served.recorder.requests.length, second.recorder.requests.length]).toEqual([1, 0])
    served.instrumentation.disable()
    await ask(session, { ':path': '/', ...WITH_TOKEN })
    expect([served.recorder.requests.length, second.recorder.requests.length]).toEqual([1, 1])
  })
})

describe('a request over TLS', () => {
  const server = createSelfSigned('api.example.com')
  const client = createSelfSigned('orders-client')
  const trusting = { rejectUnauthorized: false, requestCert: true, ...server }
  const listener = (_: unknown, response: { end(text: string): unknown }): void =>
    void response.end('served')

  function sendOverTls({ port }: Pick<RecordedServer, 'port'>): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const sent = sendHttps(
        {
          host: '127.0.0.1',
          port,
          rejectUnauthorized: false,
          headers: WITH_TOKEN,
          agent: false,
          key: client.key,
          cert: client.cert,
        },
        (response) => response.resume().on('end', () => resolve(response.statusCode)),
      )
      sent.on('error', reject).end()
    })
  }

  it('is recorded on an https server', async () => {
    const served = await record(createHttpsServer(trusting, listener))
    expect(await sendOverTls(served)).toBe(200)
    expect(served.recorder.requests).toMatchObject([{ statusCode: 200, complete: true }])
  })

  it('is recorded once by either protocol of an HTTP/2 server that allows HTTP/1.1', async () => {
    const served = await record(createSecureServer({ allowHTTP1: true, ...trusting }, listener))
    expect(await sendOverTls(served)).toBe(200)
    const session = connect(`https://127.0.0.1:${served.port}`, { rejectUnauthorized: false })
    onTestFinished(() => session.destroy())
    expect((await ask(session, { ':path': '/two', ...WITH_TOKEN })).body).toBe('served')
    expect(served.recorder.requests).toMatchObject([
      { path: '/', statusCode: 200, clientAddress: '127.0.0.1' },
      { path: '/two', statusCode: 200, clientAddress: '127.0.0.1' },
    ])
    expect(served.recorder.requests).toHaveLength(2)
  })

  it('has the thumbprint of its client certificate looked up for a token that is bound to one', async () => {
    const verify =
      (cnf: object) =>
      (_: unknown, response: { end(): unknown }): void => {
        currentDecision()?.addVerified({
          token: 'token-of-the-request',
          method: 'jwt',
          hook: 'test',
          claims: { cnf },
        })
        response.end()
      }
    const bound = await record(createHttpsServer(trusting, verify({ 'x5t#S256': 'x' })))
    await sendOverTls(bound)
    expect(bound.recorder.requests).toMatchObject([{ clientCertificate: client.thumbprint }])
    await bound.close()
    const overHttp2 = await record(createSecureServer(trusting, verify({ 'x5t#S256': 'x' })))
    const session = connect(`https://127.0.0.1:${overHttp2.port}`, {
      rejectUnauthorized: false,
      key: client.key,
      cert: client.cert,
    })
    onTestFinished(() => session.destroy())
    await ask(session, { ':path': '/', ...WITH_TOKEN })
    expect(overHttp2.recorder.requests).toMatchObject([{ clientCertificate: client.thumbprint }])
    await overHttp2.close()
    const unbound = await record(createHttpsServer(trusting, verify({ jkt: 'x' })))
    await sendOverTls(unbound)
    expect(unbound.recorder.requests[0]).not.toHaveProperty('clientCertificate')
  })
})
