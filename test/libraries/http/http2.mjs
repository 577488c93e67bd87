import { createServer } from 'node:http2'
import { fileURLToPath } from 'node:url'
import { announce, authorize } from '../authorize.mjs'

const FILE = fileURLToPath(import.meta.url)

const answers = {
  '/v1/orders/7': (stream, subject) => {
    stream.respond({ ':status': 200, 'content-type': 'application/json' })
    stream.end(JSON.stringify({ subject }))
  },
  '/v1/empty': (stream) => stream.respond({ ':status': 204 }),
  '/v1/file': (stream) => stream.respondWithFile(FILE, { 'content-type': 'text/plain' }),
  '/v1/events': (stream) => {
    stream.respond({ 'content-type': 'text/event-stream' })
    stream.write('data: 1\n\n')
    stream.on('error', () => {})
  },
}

/** The interface that `http` has too. */
const onRequest = async (request, response) => {
  if (request.url === '/open') return response.end('open')
  let size = 0
  for await (const part of request) size += part.length
  const { challenge, status, subject } = await authorize(request.headers.authorization)
  if (status !== undefined) {
    return response.writeHead(status, { 'WWW-Authenticate': challenge }).end()
  }
  if (request.url === '/v1/orders') return response.writeHead(201).end(JSON.stringify({ size }))
  const answer = answers[request.url]
  if (answer === undefined) return response.writeHead(404).end()
  answer(response.stream, subject)
}

/** HTTP/2's own. */
const onStream = async (stream, headers) => {
  const path = headers[':path']
  if (path === '/open') return stream.end('open')
  stream.on('error', () => {})
  let size = 0
  for await (const part of stream) size += part.length
  const { challenge, status, subject } = await authorize(headers.authorization)
  if (status !== undefined) {
    return stream.respond({ ':status': status, 'WWW-Authenticate': challenge }, { endStream: true })
  }
  if (path === '/v1/orders') {
    stream.respond({ ':status': 201 })
    return stream.end(JSON.stringify({ size }))
  }
  const answer = answers[path]
  if (answer === undefined) return stream.respond({ ':status': 404 }, { endStream: true })
  answer(stream, subject)
}

const server = createServer()
if (process.env.FIXTURE_INTERFACE === 'stream') server.on('stream', onStream)
else server.on('request', onRequest)
server.listen(0, '127.0.0.1', () => announce(server.address().port))
