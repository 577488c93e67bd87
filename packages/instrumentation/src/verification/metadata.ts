import { type Fetch, fetchJson } from './fetch-json.ts'
import { IssuerUnavailable } from './unavailable.ts'

/** What is needed of an issuer's metadata. */
export interface IssuerMetadata {
  readonly jwksUri: string | undefined
  readonly introspectionEndpoint: string | undefined
}

/**
 * Fetches an issuer's metadata: where OpenID Connect Discovery §4 has it, else where RFC 8414 §3
 * has it. It must name the issuer exactly, or anybody's metadata would do.
 *
 * @throws {IssuerUnavailable} When neither is there.
 */
export async function fetchMetadata(fetch: Fetch, issuer: string): Promise<IssuerMetadata> {
  const [first, second] = metadataUrls(issuer)
  const metadata = await fetchJson(fetch, first).catch(() => fetchJson(fetch, second))
  if (metadata['issuer'] !== issuer) {
    throw new IssuerUnavailable('its metadata names another issuer')
  }
  return {
    jwksUri: readUrl(metadata['jwks_uri'], issuer),
    introspectionEndpoint: readUrl(metadata['introspection_endpoint'], issuer),
  }
}

/** Gives the two places of an issuer's metadata. */
function metadataUrls(issuer: string): readonly [string, string] {
  const { origin, pathname, search } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [
    `${origin}${path}/.well-known/openid-configuration${search}`,
    `${origin}/.well-known/oauth-authorization-server${path}${search}`,
  ]
}

/** An issuer that is reached by https does not send us where everybody listens. */
function readUrl(value: unknown, issuer: string): string | undefined {
  if (typeof value !== 'string' || !URL.canParse(value)) return undefined
  const { protocol } = new URL(value)
  if (protocol === 'https:') return value
  return protocol === 'http:' && issuer.startsWith('http:') ? value : undefined
}
