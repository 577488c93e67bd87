import type { ClientMetadata } from 'oidc-provider'

/** Secrets of the confidential clients; made anew by whoever starts the server. */
export interface ClientSecrets {
  readonly ordersApi: string
  readonly nightlyExport: string
}

const REDIRECT_URI = 'http://127.0.0.1/callback'

const signInClient = (id: string, scope: string): ClientMetadata => ({
  client_id: id,
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  redirect_uris: [REDIRECT_URI],
  scope: `openid ${scope}`,
})

export const buildClients = (secrets: ClientSecrets): ClientMetadata[] => [
  signInClient('orders-web', 'orders:read orders:write'),
  signInClient('support-console', 'orders:read health:read'),
  signInClient('kiosk', 'orders:read'),
  signInClient('reports-app', 'reports:read'),
  {
    client_id: 'nightly-export',
    client_secret: secrets.nightlyExport,
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    scope: 'orders:read payments:read',
  },
  {
    client_id: 'orders-api',
    client_secret: secrets.ordersApi,
    grant_types: [],
    response_types: [],
    redirect_uris: [],
  },
]
