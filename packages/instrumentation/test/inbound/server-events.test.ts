import type { EventEmitter } from 'node:events'
import { createServer, Server as HttpServer } from 'node:http'
import { createServer as createHttpsServer, Server as HttpsServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { record } from '../recorded-server.ts'
import { createSelfSigned } from '../self-signed.ts'

const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n'
const REQUEST =
  'GET /chat HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\nAuthorization: Bearer t\r\n\r\n'

/** Gives servers an `emit` of their own, as instrumentations do that wrap it. */
function wrapEmit(server: { prototype: EventEmitter }): string[] {
  const seen: string[] = []
  const original: (...args: never[]) => boolean = Reflect.get(server.prototype, 'emit')
  server.prototype.emit = function emit(type: string, ...args: unknown[]): boolean {
    seen.push(type)
    return Reflect.apply(original, this, [type, ...args] as never)
  }
  onTestFinished(() => void Reflect.deleteProperty(server.prototype, 'emit'))
  return seen
}

async function upgrade(socket: Socket): Promise<string> {
  onTestFinished(() => void socket.destroy())
  let received = ''
  socket.setEncoding('latin1').on('data', (text: string) => (received += text))
  socket.write(REQUEST)
  await new Promise((resolve) => socket.on('close', resolve))
  return received
}

const serve = (): HttpServer =>
  createServer().on('upgrade', (_, socket) => void socket.end(SWITCHED))

describe('beside another instrumentation that wraps emit', () => {
  it.each(['before', 'after'])('an upgrade is recorded once: %s ours', async (order) => {
    let seen: string[] = []
    if (order === 'before') seen = wrapEmit(HttpServer)
    const served = await record(serve())
    if (order === 'after') seen = wrapEmit(HttpServer)
    expect(await upgrade(connect(served.port, '127.0.0.1'))).toBe(SWITCHED)
    expect(served.recorder.requests).toMatchObject([{ statusCode: 101 }])
    expect(served.recorder.requests).toHaveLength(1)
    expect(seen.filter((type) => type === 'upgrade')).toHaveLength(1)
  })

  it('an upgrade over TLS is recorded once, and none after the end', async () => {
    wrapEmit(HttpServer)
    wrapEmit(HttpsServer)
    const server = createHttpsServer(createSelfSigned('api.example.com'))
    const served = await record(server.on('upgrade', (_, socket) => void socket.end(SWITCHED)))
    const ask = (): Promise<string> =>
      upgrade(connectTls({ port: served.port, host: '127.0.0.1', rejectUnauthorized: false }))
    expect(await ask()).toBe(SWITCHED)
    served.instrumentation.disable()
    expect(await ask()).toBe(SWITCHED)
    expect(served.recorder.requests).toHaveLength(1)
  })
})
