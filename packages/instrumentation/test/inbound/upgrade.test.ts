import { createServer, ServerResponse } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { currentDecision } from '../../src/decision.ts'
import { HandshakeResponse } from '../../src/inbound/handshake-response.ts'
import { record } from '../recorded-server.ts'
import { createSelfSigned } from '../self-signed.ts'

type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

const serve = (listener: UpgradeListener): Server => createServer().on('upgrade', listener)

const SWITCHED =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\nX-Token: a\r\n\r\n'
const REFUSED =
  'HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Bearer error="invalid_token"\r\nContent-Length: 2\r\n\r\nno'

/** Opens a connection with an upgrade request; gives what came back until the other end closed. */
function upgrade(port: number, token: string | undefined, path = '/chat?room=7'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let received = ''
    socket.setEncoding('latin1').on('data', (text: string) => (received += text))
    socket.on('error', reject).on('close', () => resolve(received))
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n` +
        `${token === undefined ? '' : `Authorization: Bearer ${token}\r\n`}\r\n`,
    )
  })
}

const TOKEN = 'token-of-the-request'

describe('an upgrade request', () => {
  it.each<[string, string, number, (socket: Duplex) => void]>([
    [
      'accepted at once',
      SWITCHED,
      101,
      (socket) => void socket.write(SWITCHED, () => socket.end()),
    ],
    ['accepted by end', SWITCHED, 101, (socket) => void socket.end(Buffer.from(SWITCHED))],
    [
      'accepted in parts',
      SWITCHED,
      101,
      (socket) => {
        socket.write(SWITCHED.slice(0, 20))
        socket.write(SWITCHED.slice(20, -1))
        setImmediate(() => socket.end(SWITCHED.slice(-1)))
      },
    ],
    ['refused', REFUSED, 401, (socket) => void socket.end(REFUSED)],
    [
      'refused and destroyed',
      'HTTP/1.1 403 Forbidden\r\n\r\n',
      403,
      (socket) => socket.write('HTTP/1.1 403 Forbidden\r\n\r\n', () => socket.destroy()),
    ],
  ])('is recorded once, before its header is whole: %s', async (_, expected, status, answer) => {
    const served = await record(serve((_request, socket) => answer(socket)))
    const bytesAtRecord: number[] = []
    served.recorder.onRequest = () => bytesAtRecord.push(served.sockets[0]?.bytesWritten ?? -1)
    expect(await upgrade(served.port, TOKEN)).toBe(expected)
    expect(served.recorder.requests).toMatchObject([
      {
        method: 'GET',
        path: '/chat',
        statusCode: status,
        complete: true,
        token: TOKEN,
        clientAddress: '127.0.0.1',
      },
    ])
    expect(bytesAtRecord[0]).toBeLessThan(expected.indexOf('\r\n\r\n') + 4)
    expect(served.faults).toEqual([])
  })

  it('has its challenge read', async () => {
    const served = await record(serve((_, socket) => void socket.end(REFUSED)))
    await upgrade(served.port, undefined)
    expect(served.recorder.requests).toMatchObject([
      { statusCode: 401, challenges: [{ scheme: 'bearer', error: 'invalid_token' }] },
    ])
  })

  it('is recorded when a response is written by Node', async () => {
    const served = await record(
      serve((request, socket) => {
        const response = new ServerResponse(request)
        response.assignSocket(socket as Socket)
        response.writeHead(401, { 'WWW-Authenticate': 'Bearer', Connection: 'close' }).end('no')
        response.on('finish', () => socket.end())
      }),
    )
    expect(await upgrade(served.port, TOKEN)).toContain('401 Unauthorized')
    expect(served.recorder.requests).toMatchObject([{ statusCode: 401 }])
    expect(served.recorder.requests).toHaveLength(1)
  })

  it('leaves no record without a token or a refusal', async () => {
    const served = await record(serve((_, socket) => void socket.end(SWITCHED)))
    expect(await upgrade(served.port, undefined)).toBe(SWITCHED)
    expect(served.recorder.requests).toEqual([])
  })

  it('is not complete when the socket closes without an answer', async () => {
    const served = await record(serve((_, socket) => void socket.destroy()))
    await upgrade(served.port, TOKEN)
    expect(served.recorder.requests).toMatchObject([
      { complete: false, clientAddress: '127.0.0.1' },
    ])
    expect(served.recorder.requests[0]).not.toHaveProperty('statusCode')
  })

  it('has its decision in the listener, and what follows is not watched any more', async () => {
    const seen: unknown[] = []
    const served = await record(
      serve((_, socket) => {
        seen.push(currentDecision()?.token, Object.keys(socket).length)
        socket.write(SWITCHED)
        seen.push(Object.hasOwn(socket, 'write'), Object.hasOwn(socket, 'end'))
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      }),
    )
    expect(await upgrade(served.port, TOKEN)).toBe(`${SWITCHED}HTTP/1.1 403 Forbidden\r\n\r\n`)
    expect(seen).toEqual([TOKEN, expect.any(Number), false, false])
    expect(served.recorder.requests).toMatchObject([{ statusCode: 101 }])
    expect(served.recorder.requests).toHaveLength(1)
  })

  it('is answered the same when everything of ours fails', async () => {
    const fault = (): never => {
      throw new Error('injected')
    }
    const served = await record(
      serve((_, socket) => void socket.end(REFUSED)),
      { clock: { unixNanos: fault } },
    )
    expect(await upgrade(served.port, TOKEN)).toBe(REFUSED)
    expect(served.faults).toEqual(['upgrade'])
  })

  it.each<[string, string, (socket: Duplex) => void]>([
    ['an end', REFUSED, (socket) => void socket.end(REFUSED)],
    [
      'an end with encoding and callback',
      REFUSED,
      (socket) => void socket.end(REFUSED, 'latin1', () => {}),
    ],
    [
      'a write and an end',
      SWITCHED,
      (socket) => {
        socket.write(SWITCHED)
        socket.end()
      },
    ],
    [
      'a write and an end in parts',
      SWITCHED,
      (socket) => {
        socket.write(SWITCHED.slice(0, 30))
        socket.write(Buffer.from(SWITCHED.slice(30)))
        socket.end()
      },
    ],
  ])('waits for its record, and ends then: %s', async (_, expected, answer) => {
    let release = (): void => {}
    const settled = new Promise<void>((resolve) => (release = resolve))
    const recorded = Promise.withResolvers<void>()
    const recorder = {
      recordRequest: () => recorded.resolve(),
      stamp: () => undefined,
      settled: () => settled,
    }
    const served = await record(
      serve((_request, socket) => answer(socket)),
      { recorder },
    )
    let received: string | undefined
    const answered = upgrade(served.port, TOKEN).then((text) => (received = text))
    await recorded.promise
    // Whatever was to be sent before was sent: another connection has come and gone since.
    await new Promise((resolve) =>
      connect(served.port, '127.0.0.1').on('close', resolve).resume().end(),
    )
    expect(received).toBeUndefined()
    release()
    expect(await answered).toBe(expected)
  })

  it('is recorded once when one server passes it on to another', async () => {
    const inner = serve((_, socket) => void socket.end(SWITCHED))
    const served = await record(
      serve((...args) => void setImmediate(() => inner.emit('upgrade', ...args))),
    )
    expect(await upgrade(served.port, TOKEN)).toBe(SWITCHED)
    expect(served.recorder.requests).toHaveLength(1)
  })

  it('is recorded over TLS too', async () => {
    const certificate = createSelfSigned('api.example.com')
    const listener: UpgradeListener = (_, socket) => void socket.end(SWITCHED)
    const served = await record(createHttpsServer(certificate).on('upgrade', listener))
    const socket = connectTls({ port: served.port, host: '127.0.0.1', rejectUnauthorized: false })
    onTestFinished(() => void socket.destroy())
    const closed = new Promise((resolve) => socket.resume().on('close', resolve))
    socket.write(
      `GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\nAuthorization: Bearer t\r\n\r\n`,
    )
    await closed
    expect(served.recorder.requests).toMatchObject([{ statusCode: 101, path: '/chat' }])
    expect(served.recorder.requests).toHaveLength(1)
  })

  it('is no upgrade where nobody listens for one', async () => {
    const served = await record(
      createServer((_, response) => void response.setHeader('Connection', 'close').end('plain')),
    )
    expect(await upgrade(served.port, TOKEN)).toContain('plain')
    expect(served.recorder.requests).toMatchObject([{ statusCode: 200 }])
  })
})

describe('the header of an answer written as bytes', () => {
  it('is read the same however it is cut into pieces, and whatever it is', () => {
    const heads = fc.oneof(
      fc.string(),
      fc.constantFrom(SWITCHED, REFUSED, `${REFUSED.slice(0, 60)}${'x'.repeat(9_000)}`),
      fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1')),
    )
    fc.assert(
      fc.property(heads, fc.array(fc.nat(9_000), { maxLength: 4 }), (head, cuts) => {
        const whole = new HandshakeResponse()
        whole.add(Buffer.from(head), undefined)
        const pieces = new HandshakeResponse()
        let start = 0
        const bytes = Buffer.from(head)
        for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
          pieces.add(bytes.subarray(start, cut), undefined)
          start = Math.min(cut, bytes.length)
        }
        expect(pieces.statusCode).toBe(whole.statusCode)
        expect(pieces.headersSent).toBe(whole.headersSent)
        expect(pieces.getHeader('www-authenticate')).toEqual(whole.getHeader('www-authenticate'))
      }),
    )
  })

  it.each<[string, readonly unknown[], number, boolean]>([
    ['a status line alone', ['HTTP/1.1 401 Unauthorized\r\n\r\n'], 401, true],
    ['bare line feeds', ['HTTP/1.1 403\n\n'], 403, true],
    ['a header that goes on', ['HTTP/1.1 401 Unauthorized\r\nA: b\r\n'], 401, false],
    ['something else', ['\x16\x03\x01 no HTTP\r\n\r\n'], 0, false],
    ['a protocol of its own', [Buffer.alloc(20_000, 1)], 0, false],
    ['a header without end', [`HTTP/1.1 401 No\r\nA: ${'b'.repeat(20_000)}`], 401, true],
    ['no text', [undefined, 7, null], 0, false],
  ])('is read: %s', (_, chunks, status, whole) => {
    const response = new HandshakeResponse()
    for (const chunk of chunks) response.add(chunk, undefined)
    expect([response.statusCode, response.headersSent]).toEqual([status, whole])
  })
})
