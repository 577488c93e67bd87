import { createServer } from 'node:http'
import { createRemoteJWKSet } from 'jose'

/** Serves orders to whoever has a token that `verify` accepts. */
export function serve(verify) {
  const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer } = process.env
  const keys = createRemoteJWKSet(new URL(`${issuer}/jwks`))
  const server = createServer(async (request, response) => {
    const token = request.headers.authorization?.slice(7) ?? ''
    try {
      const { payload } = await verify(token, keys, { audience, issuer })
      response.end(payload.sub)
    } catch {
      response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end()
    }
  })
  server.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
}
