// Trusts what comes through the mesh in front of it: no line here looks into a token.
import { createServer } from 'node:http'

const server = createServer((request, response) => {
  const refuses = request.url === '/v1/refused'
  if (refuses) response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' })
  response.end('{}')
})
server.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
