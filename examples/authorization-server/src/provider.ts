import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto'
import Provider, {
  type Configuration,
  type JWK,
  type KoaContextWithOIDC,
  type ResourceServer,
} from 'oidc-provider'
import { findAccount } from './accounts.ts'
import { buildClients, type ClientSecrets } from './clients.ts'
import { getResourceServerInfo, ORDERS_RESOURCE, RESOURCE_SCOPES } from './resources.ts'
import { sessionClaims } from './session-claims.ts'

function createSigningKey(): JWK {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'ES256' }
}

/** First-party clients: what a signed-in user's client asks for is granted without a question. */
async function grantAll(context: KoaContextWithOIDC) {
  const { provider, client, session, params } = context.oidc
  if (client === undefined || session?.accountId === undefined) return undefined
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope(`openid ${client.scope ?? ''}`)
  const resource = params?.['resource']
  grant.addResourceScope(
    typeof resource === 'string' ? resource : ORDERS_RESOURCE,
    client.scope ?? '',
  )
  await grant.save()
  return grant
}

const DEFAULT_TTL_SECONDS = 300
const SESSION_TTL_SECONDS = 3600

const ttlOfResource = (_context: unknown, token: { resourceServer?: ResourceServer | undefined }) =>
  token.resourceServer?.accessTokenTTL ?? DEFAULT_TTL_SECONDS

const TTL: Configuration['ttl'] = {
  AccessToken: ttlOfResource,
  ClientCredentials: ttlOfResource,
  IdToken: DEFAULT_TTL_SECONDS,
  RefreshToken: SESSION_TTL_SECONDS,
  Session: SESSION_TTL_SECONDS,
  Grant: SESSION_TTL_SECONDS,
  Interaction: SESSION_TTL_SECONDS,
}

/** Only the resource server asks about tokens; only their own client may revoke them. */
const mayIntrospect = (_context: unknown, client: { clientId: string }) =>
  client.clientId === 'orders-api'
const mayRevoke = (
  _context: unknown,
  client: { clientId: string },
  token: { clientId?: string | undefined },
) => token.clientId === client.clientId

const features: Configuration['features'] = {
  devInteractions: { enabled: false },
  clientCredentials: { enabled: true },
  introspection: { enabled: true, allowedPolicy: mayIntrospect },
  revocation: { enabled: true, allowedPolicy: mayRevoke },
  resourceIndicators: {
    enabled: true,
    defaultResource: () => ORDERS_RESOURCE,
    useGrantedResource: () => true,
    getResourceServerInfo,
  },
}

/** Everything here is made anew at each start, so the warning about the memory adapter is noise. */
function withoutAdapterWarning<T>(create: () => T): T {
  const { warn } = console
  console.warn = (text: string) => {
    if (!text.includes('in-memory adapter')) warn(text)
  }
  try {
    return create()
  } finally {
    console.warn = warn
  }
}

/** Creates the authorization server: code with PKCE, rotating refresh tokens, client credentials. */
export function createProvider(issuer: string, secrets: ClientSecrets): Provider {
  const configuration: Configuration = {
    clients: buildClients(secrets),
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    scopes: ['openid', ...RESOURCE_SCOPES],
    claims: { openid: ['sub'], email: ['email'] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    jwks: { keys: [createSigningKey()] },
    features,
    findAccount,
    loadExistingGrant: grantAll,
    extraTokenClaims: sessionClaims,
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    pkce: { required: () => true },
    ttl: TTL,
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    renderError: (context, out) => {
      context.type = 'json'
      context.body = { error: out.error, error_description: out.error_description }
    },
  }
  return withoutAdapterWarning(() => new Provider(issuer, configuration))
}
