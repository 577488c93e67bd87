import { createServer } from 'node:http'
import * as oauth from 'oauth4webapi'

const issuer = new URL(process.env.FIXTURE_ISSUER)
const options = { [oauth.allowInsecureRequests]: true }
const discovered = await oauth.discoveryRequest(issuer, options)
const server = await oauth.processDiscoveryResponse(issuer, discovered)

const api = createServer(async (request, response) => {
  const { headers, method, url } = request
  const fetchRequest = new Request(new URL(url, 'http://127.0.0.1'), { headers, method })
  try {
    const { FIXTURE_AUDIENCE: audience } = process.env
    const claims = await oauth.validateJwtAccessToken(server, fetchRequest, audience, options)
    if (!claims.scope.split(' ').includes('orders:read')) {
      const challenge = 'Bearer error="insufficient_scope", scope="orders:read"'
      return response.writeHead(403, { 'WWW-Authenticate': challenge }).end()
    }
    response.end(JSON.stringify({ subject: claims.sub }))
  } catch {
    const challenge =
      headers.authorization === undefined ? 'Bearer' : 'Bearer error="invalid_token"'
    response.writeHead(401, { 'WWW-Authenticate': challenge }).end()
  }
})
api.listen(0, '127.0.0.1', () => console.log('served on', api.address().port))
