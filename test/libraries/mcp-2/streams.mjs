import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  createMcpHandler,
  McpServer,
  OAuthError,
  OAuthErrorCode,
  requireBearerAuth,
} from '@modelcontextprotocol/server'
import { createLocalJWKSet, jwtVerify } from 'jose'

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer, FIXTURE_JWKS } = process.env
const keys = createLocalJWKSet(JSON.parse(FIXTURE_JWKS))

const verifier = {
  async verifyAccessToken(token) {
    const { payload } = await jwtVerify(token, keys, { audience, issuer }).catch(() => {
      throw new OAuthError(OAuthErrorCode.InvalidToken, 'The token is not good')
    })
    const { client_id: clientId, exp: expiresAt, scope } = payload
    return { token, clientId, scopes: scope.split(' '), expiresAt }
  },
}

const gate = requireBearerAuth({ verifier, requiredScopes: ['orders:read'] })
const handler = createMcpHandler(() => {
  const server = new McpServer(
    { name: 'orders', version: '1.0.0' },
    { capabilities: { logging: {} } },
  )
  server.registerTool('count', { description: 'Counts orders' }, ({ http }) => ({
    content: [{ type: 'text', text: `7 orders of ${http.authInfo.clientId}` }],
  }))
  server.registerTool('wait', { description: 'Never ends' }, async ({ mcpReq }) => {
    await mcpReq.notify({
      method: 'notifications/message',
      params: { level: 'info', data: 'waiting' },
    })
    return new Promise(() => {})
  })
  return server
})

async function serve(request) {
  const authInfo = await gate(request)
  return authInfo instanceof Response ? authInfo : handler.fetch(request, { authInfo })
}

const server = createServer(async (incoming, outgoing) => {
  const isPost = incoming.method === 'POST'
  const request = new Request(`http://localhost${incoming.url}`, {
    method: incoming.method,
    headers: incoming.headers,
    ...(isPost ? { body: Readable.toWeb(incoming), duplex: 'half' } : {}),
  })
  const response = await serve(request)
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  if (response.body === null) return outgoing.end()
  // A client that leaves is no fault.
  await pipeline(Readable.fromWeb(response.body), outgoing).catch(() => {})
})
server.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
