import type { RequestListener } from 'node:http'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { currentDecision } from '../../src/decision.ts'
import { type RecordedServer, send, startRecordedServer, WITH_TOKEN } from '../recorded-server.ts'

const SSE = { 'Content-Type': 'text/event-stream; charset=utf-8' }
const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n\r\n'

/** Sends a request and waits for the first bytes of its response. */
async function receiveFirstBytes(port: number): Promise<() => void> {
  const socket = connect(port, '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  socket.write(REQUEST)
  await new Promise((resolve) => socket.once('data', resolve))
  return () => socket.destroy()
}

describe('a stream of server-sent events', () => {
  it.each<[string, RequestListener]>([
    ['its header is flushed', (_, response) => response.writeHead(200, SSE).flushHeaders()],
    [
      'its header is flushed, implicitly',
      (_, response) => response.setHeader('content-type', 'text/event-stream').flushHeaders(),
    ],
    [
      'its first event goes',
      (_, response) => void response.writeHead(200, SSE).write('data: 1\n\n'),
    ],
    [
      'its first event goes, with an implicit header',
      (_, response) => {
        response.setHeader('Content-Type', 'text/event-stream')
        response.write('data: 1\n\n')
      },
    ],
  ])('is recorded before %s, and not again at its end', async (_, listener) => {
    const bytesAtRecord: number[] = []
    const served = await startRecordedServer(listener)
    served.recorder.onRequest = () => bytesAtRecord.push(served.sockets[0]?.bytesWritten ?? -1)
    const leave = await receiveFirstBytes(served.port)
    expect(bytesAtRecord).toEqual([0])
    const closed = new Promise((resolve) => served.sockets[0]?.once('close', resolve))
    leave()
    await closed
    expect(served.recorder.requests).toMatchObject([
      { complete: false, streaming: true, statusCode: 200, clientAddress: '127.0.0.1' },
    ])
    expect(served.recorder.requests).toHaveLength(1)
  })

  it('is complete when it is over at once', async () => {
    const served = await startRecordedServer((_, response) => {
      response.writeHead(200, SSE).end('data: 1\n\n')
    })
    await send(served.port, { headers: WITH_TOKEN })
    expect(served.recorder.requests).toMatchObject([{ complete: true }])
    expect(served.recorder.requests[0]).not.toHaveProperty('streaming')
  })
})

describe('a response that takes long', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
  afterEach(() => void vi.useRealTimers())

  async function startLongResponse(): Promise<{
    readonly served: RecordedServer
    readonly end: () => void
    readonly leave: () => void
  }> {
    let end = (): void => {}
    const served = await startRecordedServer((_, response) => {
      end = () => void response.end()
      response.write('part')
      response.write('part')
    })
    return { served, leave: await receiveFirstBytes(served.port), end: () => end() }
  }

  it('is recorded after 30 seconds as one that goes on', async () => {
    const { end, served } = await startLongResponse()
    vi.advanceTimersByTime(29_999)
    expect(served.recorder.requests).toEqual([])
    vi.advanceTimersByTime(1)
    expect(served.recorder.requests).toMatchObject([{ streaming: true, statusCode: 200 }])
    end()
    expect(served.recorder.requests).toHaveLength(1)
  })

  it('is recorded as complete when it ends before', async () => {
    const { end, served } = await startLongResponse()
    end()
    vi.advanceTimersByTime(60_000)
    expect(served.recorder.requests).toMatchObject([{ complete: true }])
    expect(served.recorder.requests).toHaveLength(1)
  })

  it('is recorded with the address of a client that went away', async () => {
    const { leave, served } = await startLongResponse()
    const recorded = new Promise((resolve) => (served.recorder.onRequest = resolve))
    leave()
    await recorded
    expect(served.recorder.requests).toMatchObject([
      { complete: false, statusCode: 200, clientAddress: '127.0.0.1' },
    ])
    expect(served.recorder.requests[0]).not.toHaveProperty('streaming')
  })
})

describe('a body that comes after its header', () => {
  it('is read in the context of its request', async () => {
    const seen: unknown[] = []
    const served = await startRecordedServer((request, response) => {
      const see = (): void => void seen.push(currentDecision()?.token)
      request.on('data', see).on('end', () => {
        see()
        response.end()
      })
    })
    const socket = connect(served.port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    for (const token of ['one', 'two']) {
      const header = `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`
      const requested = new Promise((resolve) => served.server.once('request', resolve))
      socket.write(`${header}Content-Length: 4\r\n\r\n`)
      await requested
      const answered = new Promise((resolve) => socket.once('data', resolve))
      socket.write('body')
      await answered
    }
    expect(seen).toEqual(['one', 'one', 'two', 'two'])
    expect(served.recorder.requests).toHaveLength(2)
  })
})
