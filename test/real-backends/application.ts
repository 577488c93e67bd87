// The recorded application: an ordinary API with JWT access tokens, run with the preload of
// @tokentrail/node. Its routes belong to different frameworks by examples/quickstart/tokentrail.yaml.
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { importJWK, jwtVerify, type JWK } from 'jose'
import { AUDIENCE, ISSUER } from '../../bench/requests/tokens.ts'

const key = await importJWK(JSON.parse(process.env['JWK'] ?? '{}') as JWK, 'ES256')

async function judge(request: IncomingMessage): Promise<number> {
  const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
  if (token === undefined) return 401
  try {
    await jwtVerify(token, key, { issuer: ISSUER, audience: AUDIENCE })
    return 200
  } catch {
    return 401
  }
}

const server = createServer((request, response) => {
  void judge(request).then((status) => {
    if (status === 401) response.setHeader('WWW-Authenticate', 'Bearer error="invalid_token"')
    response.writeHead(status).end()
  })
})
server.listen(0, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}`)
})
