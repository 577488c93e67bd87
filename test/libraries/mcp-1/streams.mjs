import { randomUUID } from 'node:crypto'
import { InvalidTokenError } from '@modelcontextprotocol/sdk/server/auth/errors.js'
import { requireBearerAuth } from '@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js'
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import { createLocalJWKSet, jwtVerify } from 'jose'

const { FIXTURE_AUDIENCE: audience, FIXTURE_ISSUER: issuer, FIXTURE_JWKS } = process.env
const keys = createLocalJWKSet(JSON.parse(FIXTURE_JWKS))

const verifier = {
  async verifyAccessToken(token) {
    const { payload } = await jwtVerify(token, keys, { audience, issuer }).catch(() => {
      throw new InvalidTokenError('The token is not good')
    })
    const { client_id: clientId, exp: expiresAt, scope } = payload
    return { token, clientId, scopes: scope.split(' '), expiresAt }
  },
}

function createServer() {
  const server = new McpServer(
    { name: 'orders', version: '1.0.0' },
    { capabilities: { logging: {} } },
  )
  server.registerTool('count', { description: 'Counts orders' }, ({ authInfo }) => ({
    content: [{ type: 'text', text: `7 orders of ${authInfo.clientId}` }],
  }))
  server.registerTool('wait', { description: 'Never ends' }, async (extra) => {
    await server.sendLoggingMessage({ level: 'info', data: 'waiting' }, extra.sessionId)
    await extra.sendNotification({
      method: 'notifications/message',
      params: { level: 'info', data: 'waiting' },
    })
    return new Promise(() => {})
  })
  return server
}

const transports = new Map()

async function openTransport() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => transports.set(id, transport),
  })
  await createServer().connect(transport)
  return transport
}

const app = createMcpExpressApp()
app.all(
  '/mcp',
  requireBearerAuth({ verifier, requiredScopes: ['orders:read'] }),
  async (request, response) => {
    const known = transports.get(request.headers['mcp-session-id'])
    await (known ?? (await openTransport())).handleRequest(request, response, request.body)
  },
)

const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
