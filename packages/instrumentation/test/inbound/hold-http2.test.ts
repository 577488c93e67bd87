import {
  connect,
  constants,
  createServer,
  Http2ServerResponse,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Socket } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { RequestFacts } from '@tokentrail/session'
import { record, WITH_TOKEN } from '../recorded-server.ts'

type Listener = (stream: ServerHttp2Stream) => void

describe('an HTTP/2 response that waits for its record', () => {
  it.each<[string, Listener]>([
    [
      'with a body',
      (stream) => {
        stream.respond({})
        stream.end('body')
      },
    ],
    ['by the compatible interface', (stream) => void new Http2ServerResponse(stream).end('body')],
    [
      'by the compatible interface, without a body',
      (stream) => void new Http2ServerResponse(stream).writeHead(401).end(),
    ],
    ['without a body', (stream) => stream.respond({ ':status': 204 })],
    ['that is a header', (stream) => stream.respond({ ':status': 401 }, { endStream: true })],
    [
      'that is a header without a body',
      (stream) => stream.respond({ ':status': 304 }, { endStream: true }),
    ],
    [
      'that is a header, by the compatible interface',
      (stream) => void new Http2ServerResponse(stream).end(),
    ],
    [
      'that is a header and closed at once',
      (stream) => {
        stream.respond({ ':status': 403 }, { endStream: true })
        stream.close()
      },
    ],
    [
      'that ends with nothing',
      (stream) => {
        stream.respond({ ':status': 401 })
        stream.end()
      },
    ],
  ])('has not ended before, and ends then: %s', async (_, listener) => {
    let release = (): void => {}
    const settled = new Promise<void>((resolve) => (release = resolve))
    const requests: RequestFacts[] = []
    const recorded = Promise.withResolvers<void>()
    const recorder = {
      recordRequest(facts: RequestFacts): void {
        requests.push(facts)
        recorded.resolve()
      },
      stamp: () => undefined,
      settled: () => settled,
    }
    const served = await record(
      createServer().on('stream', (stream, headers) => {
        if (headers[':path'] === '/other') stream.respond({}, { endStream: true })
        else listener(stream)
      }),
      { recorder },
    )
    const session = connect(`http://127.0.0.1:${served.port}`)
    onTestFinished(() => session.destroy())
    const stream = session.request({ ':path': '/', ...WITH_TOKEN })
    let ended = false
    const end = new Promise((resolve) => stream.on('end', resolve))
    stream.on('end', () => (ended = true)).resume()
    await recorded.promise
    // Whatever was to be sent before was sent: another stream has had its answer since.
    await new Promise((resolve) =>
      session.request({ ':path': '/other' }).on('close', resolve).resume(),
    )
    await new Promise((resolve) => session.ping(resolve))
    expect(ended).toBe(false)
    release()
    await end
    expect(requests).toHaveLength(1)
    expect(served.faults).toEqual([])
  })
})

/** A server whose responses wait until they are let go. */
async function serveHeld(listener: Listener) {
  let release = (): void => {}
  const settled = new Promise<void>((resolve) => (release = resolve))
  const recorder = { recordRequest: vi.fn(), stamp: () => undefined, settled: () => settled }
  const served = await record(createServer().on('stream', listener), { recorder })
  const session = connect(`http://127.0.0.1:${served.port}`).on('error', () => undefined)
  onTestFinished(() => session.destroy())
  const request = (method = 'GET') =>
    session.request({ ':path': '/', ':method': method, ...WITH_TOKEN }).on('error', () => undefined)
  return { ...served, session, request, release, recordRequest: recorder.recordRequest }
}

describe('an HTTP/2 response that is a header alone and waits', () => {
  it('looks sent to the application, and has not left', async () => {
    const seen: unknown[] = []
    const { request, release, session, recordRequest } = await serveHeld((stream) => {
      stream.on('finish', () => seen.push('finish'))
      stream.respond({ ':status': 401, 'www-authenticate': 'Bearer' }, { endStream: true })
      seen.push(stream.headersSent, stream.sentHeaders[':status'], stream.writableEnded)
      expect(() => stream.respond({})).toThrow('already')
    })
    const stream = request().resume()
    let hasHeader = false
    const header = new Promise<object>((resolve) => stream.on('response', resolve))
    const closed = new Promise((resolve) => stream.on('close', resolve))
    stream.on('response', () => (hasHeader = true))
    await vi.waitFor(() => expect(recordRequest).toHaveBeenCalledOnce())
    for (let times = 0; times < 3; times++) await new Promise((resolve) => session.ping(resolve))
    expect({ hasHeader, seen }).toEqual({ hasHeader: false, seen: [true, 401, true] })
    release()
    expect(await header).toMatchObject({ ':status': 401, 'www-authenticate': 'Bearer' })
    await closed
    expect(seen.at(-1)).toBe('finish')
    expect(stream.rstCode).toBe(0)
  })

  it('has END_STREAM on its header, as without us', async () => {
    const { request, release } = await serveHeld((stream) =>
      stream.respond({ ':status': 200, 'grpc-status': '16' }, { endStream: true }),
    )
    const flags = new Promise((resolve) => request().on('response', (_, flags) => resolve(flags)))
    release()
    expect(Number(await flags) & constants.NGHTTP2_FLAG_END_STREAM).toBe(1)
  })

  it('of a HEAD request is sent as ever', async () => {
    const { request, release } = await serveHeld(
      (stream) => void new Http2ServerResponse(stream).writeHead(200).end(),
    )
    const stream = request('HEAD').resume()
    const header = new Promise((resolve) => stream.on('response', resolve))
    release()
    expect(await header).toMatchObject({ ':status': 200 })
  })

  it('throws what Node throws for fields that it refuses', async () => {
    let thrown: unknown
    const { request, release } = await serveHeld((stream) => {
      try {
        stream.respond({ ':status': 204, connection: 'close' }, { endStream: true })
      } catch (error) {
        thrown = error
        stream.respond({ ':status': 500 }, { endStream: true })
      }
    })
    const header = new Promise((resolve) => request().on('response', resolve))
    release()
    expect(await header).toMatchObject({ ':status': 500 })
    expect(thrown).toMatchObject({ code: 'ERR_HTTP2_INVALID_CONNECTION_HEADERS' })
  })

  type Leave = (stream: ClientHttp2Stream, session: ClientHttp2Session, socket: Socket) => unknown
  it.each<[string, Leave]>([
    [
      'the client has reset',
      (stream, session) => {
        stream.close(constants.NGHTTP2_CANCEL)
        return new Promise((resolve) => session.ping(resolve))
      },
    ],
    [
      'the client has gone from',
      (_, session, socket) => {
        const closed = new Promise((resolve) => socket.on('close', resolve))
        session.destroy()
        return closed
      },
    ],
  ])('and whose stream %s goes nowhere, and harms nobody', async (_, leave) => {
    const closed = Promise.withResolvers<void>()
    const { request, release, session, recordRequest, port, sockets } = await serveHeld(
      (stream) => {
        stream.on('close', () => closed.resolve()).on('error', () => undefined)
        stream.respond({ ':status': 204 }, { endStream: true })
      },
    )
    const stream = request()
    await vi.waitFor(() => expect(recordRequest).toHaveBeenCalledOnce())
    // The server has heard of it then.
    const [socket] = sockets as [Socket]
    await leave(stream, session, socket)
    release()
    await closed.promise
    const other = connect(`http://127.0.0.1:${port}`)
    onTestFinished(() => other.destroy())
    const header = new Promise((resolve) => other.request({ ':path': '/' }).on('response', resolve))
    expect(await header).toMatchObject({ ':status': 204 })
  })

  it('goes nowhere where the application has destroyed its stream with an error', async () => {
    const { request, release, recordRequest } = await serveHeld((stream) => {
      stream.on('error', () => undefined)
      stream.respond({ ':status': 204 }, { endStream: true })
      stream.destroy(new Error('application'))
    })
    const stream = request()
    const closed = new Promise((resolve) => stream.on('close', resolve))
    await vi.waitFor(() => expect(recordRequest).toHaveBeenCalledOnce())
    release()
    await closed
    expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR)
  })
})
