import { appendFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** A proxy in front of a backend. */
export interface PassingProxy {
  readonly url: string
  close(): void
}

/** How a proxy passes on. */
export interface ProxyOptions {
  /** Port on 127.0.0.1 behind it. */
  readonly port: number
  /** Headers that are added to every answer. */
  readonly headers?: Readonly<Record<string, string>>
  /** File that what is sent is appended to, unpacked. */
  readonly capture?: string
}

/** Passes requests on. A backend that is away is answered for with 503. */
export async function openProxy(options: ProxyOptions): Promise<PassingProxy> {
  const { port, headers, capture } = options
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
    incoming.on('end', () => {
      const body = Buffer.concat(chunks)
      const outgoing = request(
        {
          host: '127.0.0.1',
          port,
          method: incoming.method,
          path: incoming.url,
          headers: incoming.headers,
          agent: false,
        },
        (answer) => {
          const taken = answer.statusCode === 200
          if (taken && capture !== undefined && body.length > 0) {
            const packed = incoming.headers['content-encoding'] === 'gzip'
            appendFileSync(capture, packed ? gunzipSync(body) : body)
          }
          response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...headers })
          answer.pipe(response)
        },
      )
      outgoing.on('error', () => response.writeHead(503).end())
      outgoing.end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
