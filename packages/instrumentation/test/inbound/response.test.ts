/* oxlint-disable typescript/unbound-method -- the methods themselves are what is tested */
import { createServer, ServerResponse } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import { connect, type AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, it } from 'vitest'
import { OAuthInstrumentation } from '../../src/instrumentation.ts'
import {
  KeepingRecorder,
  send,
  startRecordedServer,
  WITH_TOKEN,
  type Received,
} from '../recorded-server.ts'

/** Serves one response and says how many bytes the connection had been given at each record. */
async function observe(
  listener: RequestListener,
  method = 'GET',
): Promise<{
  received: Received
  bytesAtRecord: number[]
  bytesInAll: number
  complete: boolean[]
}> {
  const served = await startRecordedServer(listener)
  const bytesAtRecord: number[] = []
  served.recorder.onRequest = () => {
    bytesAtRecord.push(served.sockets[0]?.bytesWritten ?? -1)
  }
  const received = await send(served.port, { method, headers: WITH_TOKEN })
  expect(served.faults).toEqual([])
  return {
    received,
    bytesAtRecord,
    bytesInAll: served.sockets[0]?.bytesWritten ?? -1,
    complete: served.recorder.requests.map((facts) => facts.complete),
  }
}

describe('the record of a response', () => {
  const body = 'x'.repeat(1_000)

  it.each<[string, RequestListener]>([
    ['a plain end', (_, response) => void response.end(body)],
    ['an end without a body', (_, response) => void response.end()],
    [
      'a piped body with Content-Length, whose end comes later',
      (_, response) => {
        response.setHeader('Content-Length', 2 * body.length)
        response.write(body)
        response.write(body, () => setImmediate(() => response.end()))
      },
    ],
    [
      'a Content-Length that only writeHead names, as an object',
      (_, response) => {
        response.writeHead(200, { 'content-length': String(body.length) })
        response.write(body, () => setImmediate(() => response.end()))
      },
    ],
    [
      'a Content-Length that only writeHead names, as a list',
      (_, response) => {
        response.writeHead(200, 'Fine', ['Content-Length', String(body.length)])
        response.write(Buffer.from(body), () => setImmediate(() => response.end()))
      },
    ],
    [
      'a first write that completes Content-Length',
      (_, response) => {
        response.setHeader('content-length', 'ü'.repeat(9).length * 2)
        response.write('ü'.repeat(9), 'utf8', () => setImmediate(() => response.end()))
      },
    ],
    [
      'a stream in chunks',
      (_, response) => void pipeline(Readable.from([body, body, body]), response),
    ],
    [
      'flushed headers before the body',
      (_, response) => {
        response.flushHeaders()
        setImmediate(() => response.end(body))
      },
    ],
    [
      'a header flushed for 204, whose end comes later',
      (_, response) => {
        response.statusCode = 204
        response.flushHeaders()
        setImmediate(() => response.end())
      },
    ],
    [
      'a header written and flushed for 304',
      (_, response) => {
        response.writeHead(304)
        response.flushHeaders()
        setImmediate(() => response.end())
      },
    ],
    [
      'a header flushed for an empty body',
      (_, response) => {
        response.setHeader('Content-Length', 0)
        response.flushHeaders()
        setImmediate(() => response.end())
      },
    ],
    [
      'an end called twice',
      (_, response) => {
        response.end(body)
        response.end()
      },
    ],
  ])('exists once before the last byte of %s', async (_, listener) => {
    const { bytesAtRecord, bytesInAll, complete } = await observe(listener)
    expect(complete).toEqual([true])
    expect(bytesAtRecord).toHaveLength(1)
    expect(bytesAtRecord[0]).toBeLessThan(bytesInAll)
  })

  it.each<[string, RequestListener]>([
    ['that ends', (_, response) => void response.end(body)],
    [
      'whose header is flushed, with a length',
      (_, response) => {
        response.setHeader('Content-Length', body.length)
        response.flushHeaders()
        setImmediate(() => response.end())
      },
    ],
  ])('exists once before the last byte of a response to HEAD %s', async (_, listener) => {
    const { received, bytesAtRecord, bytesInAll } = await observe(listener, 'HEAD')
    expect(received.body).toBe('')
    expect(bytesAtRecord).toHaveLength(1)
    expect(bytesAtRecord[0]).toBeLessThan(bytesInAll)
  })

  it('waits for the end of a body that is shorter than its Content-Length', async () => {
    const { received, complete } = await observe((_, response) => {
      response.setHeader('Content-Length', '0005')
      response.write('1234')
      setImmediate(() => response.end('5'))
    })
    expect(received.body).toBe('12345')
    expect(complete).toEqual([true])
  })

  it('exists once for every request of a kept-alive connection', async () => {
    const served = await startRecordedServer((request, response) => {
      response.statusCode = Number(request.url?.slice(1))
      response.end()
    })
    const socket = connect(served.port, '127.0.0.1')
    const answered = new Promise<string>((resolve) => {
      let text = ''
      socket.setEncoding('latin1').on('data', (part: string) => {
        text += part
        if (text.match(/HTTP\/1\.1/g)?.length === 3) resolve(text)
      })
    })
    const one = (status: number): string =>
      `GET /${status} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t${status}\r\n\r\n`
    socket.write(one(200) + one(401) + one(204))
    await answered
    socket.destroy()
    expect(served.recorder.requests.map(({ statusCode, token }) => [statusCode, token])).toEqual([
      [200, 't200'],
      [401, 't401'],
      [204, 't204'],
    ])
  })

  it('says that a response the client aborted is not complete', async () => {
    const served = await startRecordedServer((_, response) => {
      response.write('first part')
    })
    const recorded = new Promise((resolve) => {
      served.recorder.onRequest = resolve
    })
    const socket = connect(served.port, '127.0.0.1')
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\n\r\n')
    socket.once('data', () => socket.destroy())
    await recorded
    expect(served.recorder.requests).toMatchObject([{ complete: false, statusCode: 200 }])
  })

  it('exists once for a request that asked whether to go on', async () => {
    const served = await startRecordedServer((_, response) => void response.end('listened'))
    served.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
      response.writeContinue()
      request.resume().on('end', () => response.end('checked'))
    })
    const headers = { ...WITH_TOKEN, Expect: '100-continue' }
    const received = await send(served.port, { method: 'POST', headers }, 'body')
    expect(received.body).toBe('checked')
    expect(served.recorder.requests).toMatchObject([{ method: 'POST', statusCode: 200 }])
    expect(served.recorder.requests).toHaveLength(1)
  })

  it('has no status when the connection ended before a status line was written', async () => {
    const served = await startRecordedServer((_, response) => {
      response.destroy()
    })
    const recorded = new Promise((resolve) => {
      served.recorder.onRequest = resolve
    })
    await expect(send(served.port, { headers: WITH_TOKEN })).rejects.toThrow('socket hang up')
    await recorded
    expect(served.recorder.requests).toHaveLength(1)
    expect(served.recorder.requests[0]).not.toHaveProperty('statusCode')
    expect(served.recorder.requests[0]?.complete).toBe(false)
  })

  it('names the status that was sent, not one that Node refused', async () => {
    const { received, complete } = await observe((_, response) => {
      response.statusCode = 9
      expect(() => response.end(body)).toThrow(RangeError)
      response.statusCode = 500
      response.end('sorry')
    })
    expect(received).toMatchObject({ status: 500, body: 'sorry' })
    expect(complete).toEqual([true])
  })

  it('waits when end refuses its chunk', async () => {
    const served = await startRecordedServer((_, response) => {
      response.flushHeaders()
      expect(() => response.end(7)).toThrow(TypeError)
      expect(served.recorder.requests).toEqual([])
      response.end('seven')
    })
    expect((await send(served.port, { headers: WITH_TOKEN })).body).toBe('seven')
    expect(served.recorder.requests).toHaveLength(1)
  })

  it('comes late rather than never where somebody replaced writeHead', async () => {
    const { complete } = await observe((_, response) => {
      const lost = ServerResponse.prototype.writeHead
      response.writeHead = ((...args: Parameters<typeof lost>) =>
        Reflect.apply(lost, response, args)) as typeof lost
      response.end(body)
    })
    expect(complete).toEqual([true])
  })
})

describe('what the response says of OAuth', () => {
  const value = 'Bearer error="invalid_token", scope="orders:read"'
  const challenge = [{ scheme: 'bearer', error: 'invalid_token', scopes: ['orders:read'] }]

  it.each<[string, RequestListener]>([
    [
      'setHeader',
      (_, response) => void response.setHeader('WWW-Authenticate', value).writeHead(401).end(),
    ],
    [
      'a status property',
      (_, response) => {
        response.statusCode = 401
        response.setHeader('www-authenticate', [value]).end()
      },
    ],
    [
      'an object',
      (_, response) => void response.writeHead(401, { 'WWW-Authenticate': value }).end(),
    ],
    [
      'an object after a reason',
      (_, response) => void response.writeHead(401, 'No', { 'www-Authenticate': value }).end(),
    ],
    [
      'a flat list',
      (_, response) => void response.writeHead(401, ['WWW-Authenticate', value]).end(),
    ],
    [
      'an object beside other headers',
      (_, response) =>
        void response.setHeader('X-A', '1').writeHead(401, { 'WWW-Authenticate': value }).end(),
    ],
  ])('is read when the challenge is given by %s', async (_, listener) => {
    const served = await startRecordedServer(listener)
    expect((await send(served.port)).headers['www-authenticate']).toBe(value)
    expect(served.recorder.requests).toMatchObject([{ statusCode: 401, challenges: challenge }])
  })

  it('leaves requests alone that carry no token and were not refused', async () => {
    const served = await startRecordedServer((request, response) => {
      response.statusCode = Number(request.url?.slice(1))
      response.end()
    })
    for (const status of [200, 400, 404, 500]) await send(served.port, { path: `/${status}` })
    await send(served.port, { path: '/200', headers: { authorization: 'Basic dTpw' } })
    expect(served.recorder.requests).toEqual([])
    await send(served.port, { path: '/403' })
    expect(served.recorder.requests).toMatchObject([{ statusCode: 403, path: '/403' }])
  })
})

describe('a second instrumentation in the process', () => {
  it('leaves each request to the first', async () => {
    const served = await startRecordedServer((_, response) => void response.end())
    const second = new KeepingRecorder()
    const instrumentation = new OAuthInstrumentation({ recorder: second })
    await send(served.port, { headers: WITH_TOKEN })
    expect([served.recorder.requests.length, second.requests.length]).toEqual([1, 0])
    served.instrumentation.disable()
    await send(served.port, { headers: WITH_TOKEN })
    instrumentation.disable()
    expect([served.recorder.requests.length, second.requests.length]).toEqual([1, 1])
  })
})

describe('a watched response', () => {
  it('looks like any other: own keys, names and lengths of its methods, results, this', async () => {
    const seen: unknown[] = []
    const listener: RequestListener = (_, response) => {
      const { end, write, writeHead, flushHeaders } = response
      seen.push(
        Object.keys(response).toSorted(),
        [end, write, writeHead, flushHeaders].map(({ name, length }) => [name, length]),
        writeHead.call(response, 200) === response,
        response.write('a'),
        response.end('b') === response,
        response.writableEnded,
      )
    }
    const plain = createServer(listener)
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    await send((plain.address() as AddressInfo).port)
    await new Promise((resolve) => plain.close(resolve))
    const served = await startRecordedServer(listener)
    await send(served.port, { headers: WITH_TOKEN })
    expect(served.recorder.requests).toHaveLength(1)
    expect(seen.slice(6)).toEqual(seen.slice(0, 6))
  })

  it('passes arguments as they came to a subclass that counts them', async () => {
    const counts: number[] = []
    class CountingResponse extends ServerResponse {
      override end(...args: unknown[]): this {
        counts.push(args.length)
        return Reflect.apply(super.end as (...all: unknown[]) => this, this, args)
      }
    }
    const served = await startRecordedServer(() => {})
    const server = createServer({ ServerResponse: CountingResponse }, (_, response) => {
      expect(response.end).toHaveLength(0)
      if (_.url === '/none') response.end()
      else response.end('x', 'utf8', () => {})
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await send(port, { path: '/none', headers: WITH_TOKEN })
    await send(port, { path: '/three', headers: WITH_TOKEN })
    await new Promise((resolve) => server.close(resolve))
    expect(counts).toEqual([0, 3])
    expect(served.recorder.requests).toHaveLength(2)
  })

  it('calls back in the same order', async () => {
    const order: string[] = []
    const listener: RequestListener = (_, response) => {
      response.on('finish', () => order.push('finish'))
      response.write('a', () => order.push('written'))
      response.end('b', () => order.push('ended'))
      order.push('returned')
    }
    const served = await startRecordedServer(listener)
    await send(served.port, { headers: WITH_TOKEN })
    served.instrumentation.disable()
    const recorded = order.splice(0)
    await send(served.port, { headers: WITH_TOKEN })
    expect(recorded).toEqual(order)
  })
})
