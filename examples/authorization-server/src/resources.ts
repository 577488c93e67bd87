import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider'

/** Tokens for this resource are JWTs (RFC 9068), checked against the server's JWKS. */
export const ORDERS_RESOURCE = 'https://orders.example.com'
/** Tokens for this resource are opaque, checked by introspection (RFC 7662). */
const REPORTS_RESOURCE = 'https://reports.example.com'

const ORDERS_SCOPES = ['orders:read', 'orders:write', 'health:read', 'payments:read']
const REPORTS_SCOPES = ['reports:read']

/** Every scope of every resource, which the clients' metadata may name. */
export const RESOURCE_SCOPES: readonly string[] = [...ORDERS_SCOPES, ...REPORTS_SCOPES]

const ORDERS: ResourceServer = {
  scope: ORDERS_SCOPES.join(' '),
  audience: ORDERS_RESOURCE,
  accessTokenFormat: 'jwt',
  accessTokenTTL: 300,
  jwt: { sign: { alg: 'ES256' } },
}

const REPORTS: ResourceServer = {
  scope: REPORTS_SCOPES.join(' '),
  audience: REPORTS_RESOURCE,
  accessTokenFormat: 'opaque',
  accessTokenTTL: 300,
}

/** The kiosk's tokens live for two seconds, so that an expired one can be seen soon. */
const KIOSK_TTL_SECONDS = 2

export function getResourceServerInfo(
  _context: KoaContextWithOIDC,
  resource: string,
  client: { clientId: string },
): ResourceServer {
  if (resource === REPORTS_RESOURCE) return REPORTS
  if (resource !== ORDERS_RESOURCE) throw new errors.InvalidTarget()
  return client.clientId === 'kiosk' ? { ...ORDERS, accessTokenTTL: KIOSK_TTL_SECONDS } : ORDERS
}
