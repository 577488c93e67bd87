import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { MAX_BODY_BYTES } from '../../src/receiver/body.ts'
import { send, serve, type Served } from '../server/serve.ts'
import { buildOtlp, buildText } from '../texts.ts'

let served: Served
beforeEach(async () => {
  served = await serve()
})
afterEach(() => served.close())

const body = JSON.stringify(buildOtlp([buildText()]))

/** A zstd frame of one raw block, which is the last (RFC 8878 §3.1.1). */
function storedFrame(windowLog: number, content: Buffer): Buffer {
  const header = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, (windowLog - 10) << 3, 0, 0, 0])
  header.writeUIntLE(1 | (content.length << 3), 6, 3)
  return Buffer.concat([header, content])
}

describe('the receiver', () => {
  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('takes %s', async (coding, compress) => {
    const answer = await served.post('/v1/logs', compress(body), { 'content-encoding': coding })
    expect([answer.status, served.store.records]).toEqual([200, 1])
  })

  it.each([
    [25, 200],
    [26, 400],
  ])('answers a zstd body that wants a window of 2^%i bytes with %i', async (log, status) => {
    const content = storedFrame(log, Buffer.from(body))
    const answer = await served.post('/v1/logs', content, { 'content-encoding': 'zstd' })
    expect(answer.status).toBe(status)
  })

  it('refuses protobuf and says what to set', async () => {
    const answer = await served.post('/v1/logs', 'x', { 'content-type': 'application/x-protobuf' })
    expect(answer.status).toBe(415)
    expect(answer.json()).toMatchObject({ message: expect.stringContaining('encoding: json') })
  })

  it.each([
    ['text/plain', {}, body, 415, 'content-type'],
    ['application/json', { 'content-encoding': 'br' }, body, 415, 'gzip'],
    ['application/json', { 'content-encoding': 'gzip' }, 'no gzip', 400, 'gzip stream'],
    ['application/json', { 'content-encoding': 'zstd' }, 'no zstd', 400, 'zstd stream'],
    ['application/json', {}, '{', 400, '"$" is not JSON'],
    ['application/json', {}, '{"resourceLogs":7}', 400, '"resourceLogs" must be an array'],
    ['application/json', {}, Buffer.from([0x7b, 0xff, 0x7d]), 400, 'UTF-8'],
    ['application/json', {}, '', 400, 'not JSON'],
  ])('answers a %s body %j with its mistake', async (type, headers, content, status, problem) => {
    const answer = await served.post('/v1/logs', content, { 'content-type': type, ...headers })
    expect(answer.status).toBe(status)
    expect(answer.json()).toMatchObject({ code: 3, message: expect.stringContaining(problem) })
  })

  it('refuses a body that is too large, as sent or once it is unpacked', async () => {
    const large = Buffer.alloc(MAX_BODY_BYTES + 1, 0x20)
    for (const [coding, compress] of [
      ['gzip', gzipSync],
      ['zstd', zstdCompressSync],
    ] as const) {
      const packed = await served.post('/v1/logs', compress(large), { 'content-encoding': coding })
      expect(packed.status).toBe(413)
    }
    const announced = await served
      .post('/v1/logs', '', {
        'content-length': String(MAX_BODY_BYTES + 1),
      })
      .catch(() => undefined)
    expect(announced?.status ?? 413).toBe(413)
    expect(served.faults).toEqual([])
  })

  it('has senders come again when they send too much at once, and has room again afterwards', async () => {
    const small = await serve(undefined, undefined, { maxRoomBytes: body.length + 100 })
    const socket = connect(small.port, '127.0.0.1')
    try {
      const head = `POST /v1/logs HTTP/1.1\r\nHost: localhost:${small.port}\r\n`
      const fields = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
      socket.write(head + fields + body.slice(0, 200))
      // The first part of the one body is held while the other comes.
      await vi.waitFor(async () => {
        const answer = await small.post('/v1/logs', body)
        expect([answer.status, answer.headers['connection']]).toEqual([503, 'close'])
      })
      socket.destroy()
      await vi.waitFor(async () => {
        expect((await small.post('/v1/logs', body)).status).toBe(200)
      })
      expect(small.faults).toEqual([])
    } finally {
      socket.destroy()
      await small.close()
    }
  })

  it('answers with a partial success when single records are unreadable', async () => {
    const message = JSON.stringify(buildOtlp([buildText(), buildText({ index: -1 })]))
    const answer = await served.post('/v1/logs', message)
    expect(answer.status).toBe(200)
    expect(answer.json()).toEqual({
      partialSuccess: {
        rejectedLogRecords: '1',
        errorMessage: expect.stringContaining('"index"'),
      },
    })
    expect(served.store.records).toBe(1)
  })

  it('neither stores nor complains about what the application logs', async () => {
    const message = {
      resourceLogs: [
        {
          scopeLogs: [
            { logRecords: [{ body: { stringValue: 'hello' } }, { body: { intValue: '1' } }] },
          ],
        },
      ],
    }
    const answer = await served.post('/v1/logs', JSON.stringify(message))
    expect([answer.status, answer.text, served.store.records]).toEqual([200, '{}', 0])
  })

  it('answers 503 when the store fails, so that the sender keeps the records', async () => {
    const broken = await serve()
    try {
      broken.store.append = () => {
        throw new Error('disk full')
      }
      const answer = await broken.post('/v1/logs', body)
      expect([answer.status, broken.faults.length]).toEqual([503, 1])
      expect(answer.text).not.toContain('disk full')
    } finally {
      await broken.close()
    }
  })

  it('answers any JSON without a fault', async () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record({ resourceLogs: fc.array(fc.record({ scopeLogs: fc.jsonValue() })) }),
      fc
        .array(fc.record({ eventName: fc.jsonValue(), body: fc.jsonValue() }))
        .map((logRecords) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })),
    )
    await fc.assert(
      fc.asyncProperty(value, async (message) => {
        const { status } = await send(served.port, 'POST', '/v1/logs', JSON.stringify(message), {
          'content-type': 'application/json',
        })
        expect([200, 400]).toContain(status)
      }),
      { numRuns: 60 },
    )
    expect(served.faults).toEqual([])
  })
})
