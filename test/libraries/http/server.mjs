import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { announce, authorize } from '../authorize.mjs'

const FILE = fileURLToPath(import.meta.url)

const handlers = {
  '/v1/orders/7': (_, response, subject) => response.end(JSON.stringify({ subject })),
  '/v1/empty': (_, response) => response.writeHead(204).end(),
  '/v1/unchanged': (_, response) => response.writeHead(304, { ETag: '"1"' }).end(),
  '/v1/file': async (_, response) => {
    response.setHeader('Content-Length', (await stat(FILE)).size)
    await pipeline(createReadStream(FILE, { highWaterMark: 100 }), response)
  },
  '/v1/chunks': async (_, response) => {
    for (const part of ['a', 'b', 'c']) {
      response.write(part)
      await new Promise(setImmediate)
    }
    response.end()
  },
  // Two events, then silence until the client leaves.
  '/v1/events': (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.write('data: 1\n\n')
    setTimeout(() => response.write('data: 2\n\n'), 10)
  },
  // A result of an MCP server: one event, and the stream is over.
  '/v1/mcp': (_, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' })
    response.write('event: message\ndata: {"jsonrpc":"2.0","id":1,"result":{}}\n\n')
    response.end()
  },
  // Half of what was announced, then silence until the client leaves.
  '/v1/half': (_, response) => {
    response.setHeader('Content-Length', 10)
    response.write('12345')
  },
  '/v1/step-up': (_, response) => {
    const challenge =
      'Bearer error="insufficient_user_authentication", error_description="stronger", acr_values="phr"'
    response.writeHead(401, ['WWW-Authenticate', challenge]).end()
  },
  '/v1/body': async (request, response) => {
    let size = 0
    for await (const part of request) size += part.length
    response.writeHead(201).end(String(size))
  },
}

const server = createServer(async (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://x')
  if (pathname === '/open') return response.end('open')
  const inQuery = searchParams.get('access_token')
  const header = inQuery === null ? request.headers.authorization : `Bearer ${inQuery}`
  const { challenge, status, subject } = await authorize(header)
  if (status !== undefined) {
    return response.writeHead(status, { 'WWW-Authenticate': challenge }).end()
  }
  const handler = handlers[pathname]
  if (handler === undefined) return response.writeHead(404).end()
  await handler(request, response, subject)
})
server.listen(0, '127.0.0.1', () => announce(server.address().port))
