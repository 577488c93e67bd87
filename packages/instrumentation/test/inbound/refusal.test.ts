import { channel } from 'node:diagnostics_channel'
import { createServer, IncomingMessage, ServerResponse, type RequestOptions } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { Socket, connect } from 'node:net'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  KeepingRecorder,
  record,
  send,
  startRecordedServer,
  WITH_TOKEN,
} from '../recorded-server.ts'

/** A recorder that keeps records, and admits requests, as long as it is told to. */
class ClosingRecorder extends KeepingRecorder {
  isOpen = false

  admits(): boolean {
    return this.isOpen
  }
}

const REFUSED = {
  status: 503,
  headers: {
    'retry-after': '5',
    'cache-control': 'no-store',
    'content-type': 'application/json',
  },
  body: '{"error":"temporarily_unavailable"}\n',
}

async function serve() {
  const recorder = new ClosingRecorder()
  const served: (string | undefined)[] = []
  const started = await startRecordedServer(
    (request, response) => {
      served.push(request.url)
      response.end('served')
    },
    { recorder },
  )
  const ask = (options: RequestOptions = {}, body = '') => send(started.port, options, body)
  return { ...started, recorder, served, ask }
}

it('a request with a token is answered with 503, and nobody of the application hears of it', async () => {
  const { ask, served, recorder, server } = await serve()
  const heard = vi.fn()
  server.on('request', heard)
  expect(await ask({ headers: WITH_TOKEN, path: '/a' })).toMatchObject(REFUSED)
  expect(
    await ask({ headers: WITH_TOKEN, path: '/b', method: 'POST' }, 'x'.repeat(100_000)),
  ).toMatchObject(REFUSED)
  expect(served).toEqual([])
  expect(heard).not.toHaveBeenCalled()
  expect(recorder.requests).toEqual([])
})

it('a request without a token is served as ever', async () => {
  const { ask, served } = await serve()
  await ask({ headers: WITH_TOKEN })
  expect(await ask({ path: '/health' })).toMatchObject({ status: 200, body: 'served' })
  expect(served).toEqual(['/health'])
})

it('requests are served and recorded again when the recorder admits them', async () => {
  const { ask, served, recorder } = await serve()
  await ask({ headers: WITH_TOKEN, path: '/a' })
  recorder.isOpen = true
  expect(await ask({ headers: WITH_TOKEN, path: '/b' })).toMatchObject({ status: 200 })
  expect(served).toEqual(['/b'])
  expect(recorder.requests).toHaveLength(1)
})

it('a server that never refused keeps its own emit', async () => {
  const { ask, recorder, server } = await serve()
  recorder.isOpen = true
  await ask({ headers: WITH_TOKEN })
  expect(Object.hasOwn(server, 'emit')).toBe(false)
  recorder.isOpen = false
  await ask({ headers: WITH_TOKEN })
  expect(Object.hasOwn(server, 'emit')).toBe(true)
  expect(server.emit.name).toBe('emit')
})

it('a refused connection stays open for the next request', async () => {
  const { port, recorder } = await serve()
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.on('data', (data: Buffer) => (received += data.toString()))
  const request = 'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\n\r\n'
  socket.write(request)
  await vi.waitFor(() => expect(received).toMatch(/503 .*unavailable"}\n$/s))
  recorder.isOpen = true
  socket.write(request)
  await vi.waitFor(() => expect(received).toMatch(/200 OK.*served/s))
})

it.each(['request', 'checkContinue'])(
  'a request that expects 100-continue is refused, with a listener for %s',
  async (event) => {
    const { ask, served, server } = await serve()
    if (event === 'checkContinue') server.on(event, () => served.push('checkContinue'))
    const headers = { ...WITH_TOKEN, expect: '100-continue', 'content-length': '4' }
    expect(await ask({ headers, method: 'POST' }, 'body')).toMatchObject({ status: 503 })
    expect(served).toEqual([])
  },
)

it('an HTTP/2 request with a token is refused, by stream and by compatibility API', async () => {
  const recorder = new ClosingRecorder()
  const served = vi.fn()
  const server = createHttp2Server(served)
  server.on('stream', served)
  const { port } = await record(server, { recorder })
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  onTestFinished(() => session.destroy())
  const stream = session.request({ ':path': '/', ...WITH_TOKEN })
  const answer = await new Promise<object>((resolve) => {
    let body = ''
    let fields = {}
    stream.on('response', (headers) => (fields = headers))
    stream.on('data', (data: Buffer) => (body += data.toString()))
    stream.on('end', () => resolve({ ...fields, body }))
  })
  expect(answer).toMatchObject({ ':status': 503, 'retry-after': '5', body: REFUSED.body })
  expect(served).not.toHaveBeenCalled()
})

it('an upgrade with a token is refused', async () => {
  const recorder = new ClosingRecorder()
  const upgraded = vi.fn((_request: unknown, socket: Socket) => socket.destroy())
  const server = createServer()
  server.on('upgrade', upgraded)
  const { port } = await record(server, { recorder })
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.on('data', (data: Buffer) => (received += data.toString()))
  socket.write(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Authorization: Bearer t\r\n\r\n',
  )
  await vi.waitFor(() => expect(received).toMatch(/^HTTP\/1\.1 503 .*unavailable"}\n$/s))
  expect(upgraded).not.toHaveBeenCalled()
})

describe('a fault of ours at the beginning of a request', () => {
  /** A recorder that fails where it is asked whether a request may begin. */
  class FailingRecorder extends KeepingRecorder {
    admits(): boolean {
      throw new Error('ours')
    }
  }

  it.each([
    [true, [503, 200]],
    [false, [200, 200]],
  ])('with failClosed %s answers %j, with a token and without', async (failClosed, statuses) => {
    const served = vi.fn()
    const { port, faults } = await startRecordedServer(
      (request, response) => {
        served(request.url)
        response.end()
      },
      { recorder: new FailingRecorder(), failClosed },
    )
    const withToken = await send(port, { headers: WITH_TOKEN, path: '/token' })
    const without = await send(port, { path: '/none' })
    expect([withToken.status, without.status]).toEqual(statuses)
    expect(served.mock.calls.flat()).toEqual(failClosed ? ['/none'] : ['/token', '/none'])
    expect(faults).toEqual(['http.server.request.start'])
    const answer = failClosed ? REFUSED : { body: '' }
    expect(withToken).toMatchObject(answer)
  })

  it.each([true, false])(
    'before anything is known of it is never thrown, with failClosed %s',
    async (failClosed) => {
      const served = vi.fn()
      const { server, faults } = await startRecordedServer(served, { failClosed })
      const request = new IncomingMessage(new Socket())
      const response = new ServerResponse(request)
      Object.defineProperty(request, 'headers', {
        get: () => {
          throw new Error('ours')
        },
      })
      channel('http.server.request.start').publish({ request, response, server })
      server.emit('request', request, response)
      expect(served).toHaveBeenCalledTimes(failClosed ? 0 : 1)
      expect(faults).toEqual(['http.server.request.start'])
      expect(response.statusCode).toBe(failClosed ? 503 : 200)
    },
  )

  it.each([
    [true, 503],
    [false, 200],
  ])('of an HTTP/2 stream with failClosed %s answers %i', async (failClosed, status) => {
    const served = vi.fn()
    const server = createHttp2Server().on('stream', (stream) => {
      served()
      stream.respond({}, { endStream: true })
    })
    const { port } = await record(server, { recorder: new FailingRecorder(), failClosed })
    const session = connectHttp2(`http://127.0.0.1:${port}`)
    onTestFinished(() => session.destroy())
    const stream = session.request({ ':path': '/', ...WITH_TOKEN }).resume()
    const fields = await new Promise((resolve) => stream.on('response', resolve))
    expect(fields).toMatchObject({ ':status': status })
    expect(served).toHaveBeenCalledTimes(failClosed ? 0 : 1)
  })

  it.each([
    [true, '503'],
    [false, '101'],
  ])('of an upgrade with failClosed %s answers %s', async (failClosed, status) => {
    const upgraded = vi.fn((_request: unknown, socket: Socket) =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n'),
    )
    const server = createServer().on('upgrade', upgraded)
    const { port } = await record(server, { recorder: new FailingRecorder(), failClosed })
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let received = ''
    socket.on('data', (data: Buffer) => (received += data.toString()))
    socket.write(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Authorization: Bearer t\r\n\r\n',
    )
    await vi.waitFor(() => expect(received).toMatch(`HTTP/1.1 ${status} `))
    expect(upgraded).toHaveBeenCalledTimes(failClosed ? 0 : 1)
  })
})
