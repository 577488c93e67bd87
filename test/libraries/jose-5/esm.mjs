import { createServer } from 'node:http'
import { createRemoteJWKSet, jwtVerify } from 'jose'

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer } = process.env
const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))

const server = createServer(async (request, response) => {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) return refuse(response, 401, 'Bearer')
  try {
    const { payload } = await jwtVerify(token, keys, { audience, issuer })
    if (!payload.scope.split(' ').includes('orders:read')) {
      return refuse(response, 403, 'Bearer error="insufficient_scope", scope="orders:read"')
    }
    return response.end(JSON.stringify({ subject: payload.sub }))
  } catch {
    return refuse(response, 401, 'Bearer error="invalid_token"')
  }
})

const refuse = (response, status, challenge) =>
  response.writeHead(status, { 'WWW-Authenticate': challenge }).end()

server.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
