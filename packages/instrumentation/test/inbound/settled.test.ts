import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2'
import { createServer as createHttpsServer, request as sendHttps } from 'node:https'
import { type Socket, connect } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { KeepingRecorder, record, WITH_TOKEN } from '../recorded-server.ts'
import { createSelfSigned } from '../self-signed.ts'

/** A recorder whose records are safe when the test says so. */
class WaitingRecorder extends KeepingRecorder {
  readonly waiting: (() => void)[] = []

  settled(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve))
  }

  release(): void {
    for (const resolve of this.waiting.splice(0)) resolve()
  }
}

it('the last bytes of an HTTP/2 stream wait for its record; other streams do not', async () => {
  const recorder = new WaitingRecorder()
  const server = createHttp2Server((request, response) => {
    response.write('first ')
    response.end(request.headers.authorization === undefined ? 'for anybody' : 'for the bearer')
  })
  const { port } = await record(server, { recorder })
  const session = connectHttp2(`http://127.0.0.1:${port}`)
  onTestFinished(() => session.destroy())
  const ask = (headers: object) => {
    const stream = session.request({ ':path': '/', ...headers })
    const seen = { body: '', ended: false }
    stream.on('data', (data: Buffer) => (seen.body += data.toString()))
    stream.on('end', () => (seen.ended = true))
    return seen
  }
  const held = ask(WITH_TOKEN)
  await vi.waitFor(() => expect(recorder.waiting).toHaveLength(1))
  const free = ask({})
  await vi.waitFor(() => expect(free).toEqual({ body: 'first for anybody', ended: true }))
  expect(held.ended).toBe(false)
  expect(held.body).not.toContain('for the bearer')
  recorder.release()
  await vi.waitFor(() => expect(held).toEqual({ body: 'first for the bearer', ended: true }))
})

it('the answer to an upgrade waits for its record', async () => {
  const recorder = new WaitingRecorder()
  const server = createServer()
  server.on('upgrade', (_request, socket: Socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\n')
    socket.write('hello')
  })
  const { port } = await record(server, { recorder })
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.on('data', (data: Buffer) => (received += data.toString()))
  socket.write(
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: a\r\n' +
      'Authorization: Bearer t\r\n\r\n',
  )
  await vi.waitFor(() => expect(recorder.waiting).toHaveLength(1))
  expect(received).toBe('')
  recorder.release()
  await vi.waitFor(() => expect(received).toMatch(/^HTTP\/1\.1 101 .*\r\n\r\nhello$/s))
})

it('the last bytes over TLS wait for their record', async () => {
  const recorder = new WaitingRecorder()
  const { cert, key } = createSelfSigned('127.0.0.1')
  const server = createHttpsServer({ cert, key }, (_request, response) => void response.end('safe'))
  const { port } = await record(server, { recorder })
  const request = sendHttps({
    host: '127.0.0.1',
    port,
    headers: WITH_TOKEN,
    rejectUnauthorized: false,
  })
  onTestFinished(() => void request.destroy())
  request.on('error', () => undefined)
  const answered = vi.fn()
  request.on('response', answered)
  request.end()
  await vi.waitFor(() => expect(recorder.waiting).toHaveLength(1))
  expect(answered).not.toHaveBeenCalled()
  recorder.release()
  await vi.waitFor(() => expect(answered).toHaveBeenCalled())
})

it('a stream of events begins once its record is safe, and then flows', async () => {
  const recorder = new WaitingRecorder()
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: 1\n\n')
    setImmediate(() => response.write('data: 2\n\n'))
  })
  const { port } = await record(server, { recorder })
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.on('data', (data: Buffer) => (received += data.toString()))
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\n\r\n')
  await vi.waitFor(() => expect(recorder.waiting).toHaveLength(1))
  expect(received).toBe('')
  recorder.release()
  await vi.waitFor(() => expect(received).toMatch(/data: 1.*data: 2/s))
})

it('a recorder that has nothing to wait for holds nothing', async () => {
  const recorder = Object.assign(new KeepingRecorder(), { settled: () => undefined })
  const server = createServer((_request, response) => void response.end('at once'))
  const { port, sockets } = await record(server, { recorder })
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write('GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer t\r\n\r\n')
  const [data] = (await once(socket, 'data')) as [Buffer]
  expect(data.toString()).toMatch(/at once$/)
  expect(Object.hasOwn(sockets[0] ?? {}, 'uncork')).toBe(false)
})
