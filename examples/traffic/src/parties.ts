import * as client from 'openid-client'

/** Where the traffic goes, and the secrets that its clients need. */
export interface TrafficOptions {
  readonly issuer: string
  readonly api: string
  readonly password: string
  readonly nightlyExportSecret: string
}

/** The clients of the quick start, configured by discovery (RFC 8414). */
export interface Parties {
  readonly ordersWeb: client.Configuration
  readonly supportConsole: client.Configuration
  readonly kiosk: client.Configuration
  readonly reportsApp: client.Configuration
  readonly nightlyExport: client.Configuration
}

export const ORDERS_RESOURCE = 'https://orders.example.com'
export const REPORTS_RESOURCE = 'https://reports.example.com'

/** Discovers the authorization server once per client. */
export async function discoverParties(options: TrafficOptions): Promise<Parties> {
  const discover = (clientId: string, authentication: client.ClientAuth) =>
    client.discovery(
      new URL(options.issuer),
      clientId,
      { id_token_signed_response_alg: 'ES256' },
      authentication,
      {
        execute: [client.allowInsecureRequests],
      },
    )
  const publicClient = (clientId: string) => discover(clientId, client.None())
  const [ordersWeb, supportConsole, kiosk, reportsApp, nightlyExport] = await Promise.all([
    publicClient('orders-web'),
    publicClient('support-console'),
    publicClient('kiosk'),
    publicClient('reports-app'),
    discover('nightly-export', client.ClientSecretBasic(options.nightlyExportSecret)),
  ])
  return { ordersWeb, supportConsole, kiosk, reportsApp, nightlyExport }
}
