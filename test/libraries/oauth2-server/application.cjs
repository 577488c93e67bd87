// An authorization server over @node-oauth/oauth2-server, and the API that takes its tokens.
module.exports = (OAuth2Server, express) => {
  const clients = new Map(
    [
      {
        id: 'web',
        secret: 'canary-secret-of-web',
        grants: ['authorization_code', 'refresh_token'],
      },
      { id: 'machine', secret: 'canary-secret-of-machine', grants: ['client_credentials'] },
    ].map((client) => [client.id, { ...client, redirectUris: ['http://127.0.0.1/callback'] }]),
  )
  const codes = new Map()
  const tokens = new Map()
  const refreshTokens = new Map()

  const keep = (data, client, user) => {
    const kept = { ...data, client, user }
    tokens.set(kept.accessToken, kept)
    if (kept.refreshToken !== undefined) refreshTokens.set(kept.refreshToken, kept)
    return kept
  }

  const model = {
    getClient(id, secret) {
      const client = clients.get(id)
      return secret === null || client?.secret === secret ? client : undefined
    },
    saveAuthorizationCode(code, client, user) {
      const kept = { ...code, client, user }
      codes.set(code.authorizationCode, kept)
      return kept
    },
    getAuthorizationCode: (code) => codes.get(code),
    revokeAuthorizationCode: ({ authorizationCode }) => codes.delete(authorizationCode),
    saveToken: keep,
    getAccessToken: (token) => tokens.get(token),
    getRefreshToken: (token) => refreshTokens.get(token),
    revokeToken: ({ refreshToken }) => refreshTokens.delete(refreshToken),
    getUserFromClient: (client) => ({ id: client.id }),
    validateScope: (_user, _client, scope) =>
      scope === undefined || scope.every((one) => one.startsWith('orders:')) ? scope : false,
    verifyScope: ({ scope }, required) => required.every((one) => scope?.includes(one)),
  }

  const oauth = new OAuth2Server({ model })
  const app = express()
  app.use(express.urlencoded({ extended: false }))

  const answer = (call) => async (request, response) => {
    const answered = new OAuth2Server.Response(response)
    try {
      await call(new OAuth2Server.Request(request), answered, request)
    } catch (error) {
      answered.status ??= error.code
      answered.body ??= { error: error.name }
      response.set(answered.headers)
      return response.status(error.code).json({ error: error.name })
    }
    return response.set(answered.headers).status(answered.status).send(answered.body)
  }

  const alice = { authenticateHandler: { handle: () => ({ id: 'alice' }) } }

  app.get(
    '/authorize',
    answer((request, response) => oauth.authorize(request, response, alice)),
  )
  app.post(
    '/token',
    answer((request, response) => oauth.token(request, response)),
  )
  app.get(
    '/v1/orders/:id',
    answer(async (request, response) => {
      await oauth.authenticate(request, response, { scope: ['orders:read'] })
      response.body = {}
    }),
  )

  const server = app.listen(0, '127.0.0.1', () => console.log('served on', server.address().port))
}
