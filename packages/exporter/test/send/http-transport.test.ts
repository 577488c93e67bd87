import { once } from 'node:events'
import { type AddressInfo, type Socket, createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Reply } from '../../src/send/answer.ts'
import { createHttpTransport } from '../../src/send/http-transport.ts'

/** Sends one body to a receiver that answers with these bytes, whatever it is sent. */
async function replyTo(answer: string, timeoutMillis = 60_000, isOpen = false): Promise<Reply> {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => (isOpen ? socket.write(answer) : socket.end(answer)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`
  const destination = { url, headers: {}, timeoutMillis, compression: 'none' as const }
  const transport = createHttpTransport(destination, 'test')
  onTestFinished(() => {
    transport.close()
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return transport.send(Buffer.from('{}'))
}

describe('a receiver', () => {
  it.each(['101 Switching Protocols', '101 Anything\r\nUpgrade: x\r\nConnection: upgrade'])(
    'that answers %j, which nobody asked for, has answered that',
    async (head) => {
      expect(await replyTo(`HTTP/1.1 ${head}\r\n\r\n`)).toEqual({ statusCode: 101, body: '' })
    },
  )

  it.each([
    '',
    'HTTP/1.1 103 Early Hints\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}',
  ])('that says %j and closes has not answered', async (answer) => {
    expect(await replyTo(answer)).toEqual({ failure: 'ECONNRESET' })
  })

  it.each(['', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}'])(
    'that says %j and no more has not answered in time',
    async (answer) => {
      expect(await replyTo(answer, 50, true)).toEqual({ failure: 'TIMEOUT' })
    },
  )

  it('that closes behind its answer has answered', async () => {
    const answer = 'HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nConnection: close\r\n\r\nlater'
    expect(await replyTo(answer)).toEqual({ statusCode: 503, retryAfter: '7', body: 'later' })
  })
})
