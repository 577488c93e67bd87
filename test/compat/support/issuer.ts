import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from 'jose'
import type { CryptoKey, JWK } from 'jose'

/** What a request to a protected resource can bring along, named by what is wrong with it. */
export const PRESENTED = [
  'good',
  'expired',
  'not_yet_valid',
  'wrong_audience',
  'wrong_issuer',
  'bad_signature',
  'key_not_found',
  'insufficient_scope',
  'malformed',
  'missing',
] as const

export type Presented = (typeof PRESENTED)[number]

export const AUDIENCE = 'https://api.example.com'
export const SUBJECT = 'alice'
export const CLIENT = 'orders-client'
/** Subject of the tokens that prove nothing; it may show up nowhere. */
export const FORGED_SUBJECT = 'canary-forged-subject'

/** An authorization server as far as resource servers see one: metadata, keys, introspection. */
export interface Issuer {
  readonly url: string
  readonly jwks: { readonly keys: readonly JWK[] }
  /** The public key, in PEM (SPKI). */
  readonly publicKey: string
  /** A token of that kind; undefined for `missing`. Equal for every call. */
  tokenOf(presented: Presented): string | undefined
  /** Tokens that nobody signed who may, and that are wrong in one more way each. */
  readonly forgeries: readonly string[]
  /** Signs a token with further or other claims. */
  sign(claims: Readonly<Record<string, unknown>>): Promise<string>
  close(): Promise<void>
}

/**
 * Starts an issuer on the loopback address that signs with RS256.
 *
 * @param moreClaims - What every token claims beside the usual, for products with names of their
 *   own; gets the issuer's URL. Default is nothing.
 */
export async function startIssuer(
  moreClaims: (url: string) => Claims = () => ({}),
): Promise<Issuer> {
  const pair = await generateKeyPair('RS256', { extractable: true })
  const other = await generateKeyPair('RS256', { extractable: true })
  const jwk = { ...(await exportJWK(pair.publicKey)), kid: 'known', alg: 'RS256', use: 'sig' }
  const jwks = { keys: [jwk] }
  const server = createServer((request, response) => {
    request.resume()
    const found = request.url?.includes('.well-known') === true ? metadataOf(url) : jwks
    response.setHeader('content-type', 'application/json').end(JSON.stringify(found))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sign = (claims: Claims, key = pair.privateKey, kid = 'known'): Promise<string> =>
    signToken({ iss: url, ...moreClaims(url), ...claims }, key, kid)
  const tokens = await signAll(sign, other.privateKey)
  const forgeries = await forgeAll(sign, other.privateKey)
  return {
    url,
    jwks,
    publicKey: await exportSPKI(pair.publicKey),
    tokenOf: (presented) => tokens.get(presented),
    forgeries,
    sign: (claims) => sign(claims),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Claims of a token, by name. */
export type Claims = Readonly<Record<string, unknown>>
type Sign = (claims: Claims, key?: CryptoKey, kid?: string) => Promise<string>

function metadataOf(url: string): object {
  return {
    issuer: url,
    jwks_uri: `${url}/jwks`,
    authorization_endpoint: `${url}/authorize`,
    token_endpoint: `${url}/token`,
    response_types_supported: ['code'],
    id_token_signing_alg_values_supported: ['RS256'],
    subject_types_supported: ['public'],
  }
}

function signToken(claims: Claims, key: CryptoKey, kid: string): Promise<string> {
  const now = Math.floor(Date.now() / 1_000)
  const payload = {
    sub: SUBJECT,
    client_id: CLIENT,
    aud: AUDIENCE,
    scope: 'orders:read',
    sid: 'browser-session-1',
    jti: crypto.randomUUID(),
    iat: now - 30,
    exp: now + 3_600,
    ...claims,
  }
  return new SignJWT(payload).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid }).sign(key)
}

const FORGED: Claims = { sub: FORGED_SUBJECT, client_id: FORGED_SUBJECT }

async function signAll(sign: Sign, otherKey: CryptoKey): Promise<Map<Presented, string>> {
  const wrong = wrongClaims()
  return new Map<Presented, string>([
    ['good', await sign({})],
    ['expired', await sign(wrong.expired)],
    ['not_yet_valid', await sign(wrong.not_yet_valid)],
    ['wrong_audience', await sign(wrong.wrong_audience)],
    ['wrong_issuer', await sign(wrong.wrong_issuer)],
    ['bad_signature', await sign(FORGED, otherKey)],
    ['key_not_found', await sign(FORGED, otherKey, 'unknown')],
    ['insufficient_scope', await sign(wrong.insufficient_scope)],
    ['malformed', 'not-a-token'],
  ])
}

function forgeAll(sign: Sign, otherKey: CryptoKey): Promise<string[]> {
  const wrong = Object.values<Claims>(wrongClaims())
  return Promise.all(wrong.map((claims) => sign({ ...claims, ...FORGED }, otherKey)))
}

function wrongClaims(): Readonly<
  Record<
    'expired' | 'not_yet_valid' | 'wrong_audience' | 'wrong_issuer' | 'insufficient_scope',
    Claims
  >
> {
  const now = Math.floor(Date.now() / 1_000)
  return {
    expired: { iat: now - 7_200, exp: now - 3_600 },
    not_yet_valid: { nbf: now + 3_600 },
    wrong_audience: { aud: 'https://other.example.com' },
    wrong_issuer: { iss: 'https://other.example.com' },
    insufficient_scope: { scope: 'orders:list' },
  }
}

/** What the applications of `test/libraries` take from the environment. */
export function environmentFor(issuer: Issuer): Readonly<Record<string, string>> {
  return {
    FIXTURE_ISSUER: issuer.url,
    FIXTURE_AUDIENCE: AUDIENCE,
    FIXTURE_JWKS: JSON.stringify(issuer.jwks),
    FIXTURE_PUBLIC_KEY: issuer.publicKey,
  }
}
