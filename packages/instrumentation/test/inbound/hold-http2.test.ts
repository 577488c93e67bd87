import { connect, createServer, Http2ServerResponse, type ServerHttp2Stream } from 'node:http2'
import { describe, expect, it, onTestFinished } from 'vitest'
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
