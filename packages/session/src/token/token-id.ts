import { readText } from './claims.ts'

const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** Says whether a token has the form of a signed JWT: three segments of base64url (RFC 7515 §3.1). */
export function isJwt(token: string): boolean {
  return JWT.test(token)
}

/**
 * Reads `jti`, of a JWT of three segments alone: the `jti` of an opaque token may be the bearer
 * token itself (oidc-provider). Nor is one taken that stands in the token's own text.
 */
export function readTokenId(token: string, jti: unknown): string | undefined {
  const id = readText(jti)
  return id === undefined || !isJwt(token) || token.includes(id) ? undefined : id
}
