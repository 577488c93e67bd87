// An authorization server over oidc-provider, and beside it an API that takes its tokens.
import { createServer } from 'node:http'
import { createLocalJWKSet, exportJWK, generateKeyPair, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import Provider from 'oidc-provider'

const ORDERS = 'https://orders.example.com'
const REPORTS = 'https://reports.example.com'

const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
const jwk = async (key) => ({ ...(await exportJWK(key)), kid: 'k1', alg: 'ES256', use: 'sig' })
const keys = createLocalJWKSet({ keys: [await jwk(publicKey)] })

const browserApp = (id, metadata = {}) => ({
  client_id: id,
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: ['http://127.0.0.1/callback'],
  post_logout_redirect_uris: ['http://127.0.0.1/bye'],
  ...metadata,
})

const clients = [
  // What its access tokens say of the sign-in: everything, the time alone, nothing.
  browserApp('names-session'),
  browserApp('names-time'),
  browserApp('names-nothing'),
  browserApp('stays-signed-in'),
  browserApp('revokes'),
  browserApp('binds', { dpop_bound_access_tokens: true }),
  browserApp('told-of-logout', {
    application_type: 'web',
    redirect_uris: ['https://app.example.com/callback'],
    post_logout_redirect_uris: ['https://app.example.com/bye'],
    token_endpoint_auth_method: 'client_secret_basic',
    client_secret: 'canary-secret-of-told-of-logout',
    backchannel_logout_uri: process.env.FIXTURE_BACKCHANNEL ?? 'http://127.0.0.1:9/logout',
    backchannel_logout_session_required: true,
  }),
  browserApp('tv', {
    grant_types: ['urn:ietf:params:oauth:grant-type:device_code', 'refresh_token'],
    response_types: [],
    redirect_uris: [],
  }),
  {
    client_id: 'machine',
    client_secret: 'canary-secret-of-machine',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    scope: 'orders:read reports:read',
  },
]

const resourceServer = (resource) => ({
  scope: 'orders:read orders:write reports:read',
  audience: resource,
  accessTokenTTL: 300,
  ...(resource === REPORTS
    ? { accessTokenFormat: 'opaque' }
    : { accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } }),
})

/** Oidc-provider puts neither `sid` nor `auth_time` into access tokens by itself. */
async function extraTokenClaims(ctx, token) {
  const source = ctx.oidc.entities.AuthorizationCode ?? ctx.oidc.entities.RefreshToken
  if (source === undefined || token.clientId === 'names-nothing') return undefined
  if (token.clientId === 'names-time') return { auth_time: source.authTime }
  const session = await ctx.oidc.provider.Session.findByUid(token.sessionUid)
  return { auth_time: source.authTime, sid: session?.sidFor(token.clientId) }
}

/** Whoever is signed in has granted everything. */
async function loadExistingGrant(ctx) {
  const { client, provider, session } = ctx.oidc
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope('openid offline_access orders:read orders:write reports:read')
  for (const resource of [ORDERS, REPORTS]) {
    grant.addResourceScope(resource, resourceServer(resource).scope)
  }
  await grant.save()
  return grant
}

const createProvider = async (issuer) =>
  new Provider(issuer, {
    clients,
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    scopes: ['openid', 'offline_access', 'orders:read', 'orders:write', 'reports:read'],
    jwks: { keys: [await jwk(privateKey)] },
    cookies: { keys: ['canary-cookie-key'] },
    findAccount: (_, accountId) => ({ accountId, claims: () => ({ sub: accountId }) }),
    extraTokenClaims,
    loadExistingGrant,
    issueRefreshToken: (_, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    pkce: { required: (_, client) => client.clientAuthMethod === 'none' },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    features: {
      devInteractions: { enabled: false },
      backchannelLogout: { enabled: true },
      clientCredentials: { enabled: true },
      deviceFlow: { enabled: true },
      dPoP: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      registration: { enabled: true, initialAccessToken: false },
      registrationManagement: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => ORDERS,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => resourceServer(resource),
      },
      revocation: { enabled: true, allowedPolicy: () => true },
    },
    // Its own dispatcher refuses the loopback address.
    fetch: (url, options) => fetch(url, { ...options, dispatcher: undefined }),
    renderError: (ctx, out) => {
      ctx.type = 'json'
      ctx.body = out
    },
  })

const signIn = async (provider, request, response) => {
  const { prompt } = await provider.interactionDetails(request, response)
  const login = { accountId: 'alice', amr: ['pwd'], acr: 'urn:example:silver' }
  const result = prompt.name === 'login' ? { login } : { consent: {} }
  await provider.interactionFinished(request, response, result)
}

const serveOrder = async (issuer, request, response) => {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  try {
    const { payload } = await jwtVerify(token, keys, { audience: ORDERS, issuer })
    response.end(JSON.stringify({ subject: payload.sub }))
  } catch {
    response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end()
  }
}

/** Opaque tokens are looked up at the authorization server. */
const serveReport = async (issuer, request, response) => {
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? 'none'
  const server = { issuer, introspection_endpoint: `${issuer}/token/introspection` }
  const client = { client_id: 'machine' }
  const answer = await oauth.introspectionRequest(
    server,
    client,
    oauth.ClientSecretBasic('canary-secret-of-machine'),
    token,
    { [oauth.allowInsecureRequests]: true },
  )
  const { active } = await oauth.processIntrospectionResponse(server, client, answer)
  if (active) return response.end('{}')
  return response.writeHead(401, { 'WWW-Authenticate': 'Bearer error="invalid_token"' }).end()
}

const server = createServer()
server.listen(0, '127.0.0.1', async () => {
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = await createProvider(issuer)
  const handle = provider.callback()
  server.on('request', (request, response) => {
    const { pathname } = new URL(request.url, issuer)
    if (pathname.startsWith('/v1/orders/')) return serveOrder(issuer, request, response)
    if (pathname.startsWith('/v1/reports/')) return serveReport(issuer, request, response)
    if (!pathname.startsWith('/interaction/')) return handle(request, response)
    return signIn(provider, request, response).catch(() => response.writeHead(400).end())
  })
  console.log('served on', server.address().port)
})
