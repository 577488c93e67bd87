import type { VerifiedClaims } from '../facts.ts'
import type { IssuerProfile } from '../profiles/issuer-profile.ts'
import { readFirstText } from '../profiles/read-claims.ts'

const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/** Says whether a token has the form of a signed JWT: three segments of base64url (RFC 7515 §3.1). */
export function isJwt(token: string): boolean {
  return JWT.test(token)
}

/**
 * Reads the token's id, `jti` or what its issuer has instead, of a JWT of three segments alone: the
 * `jti` of an opaque token may be the bearer token itself (oidc-provider). Nor is one taken that
 * stands in the token's own text.
 */
export function readTokenId(
  token: string,
  claims: VerifiedClaims,
  profile: IssuerProfile,
): string | undefined {
  const id = readFirstText(claims, profile.tokenId)
  return id === undefined || !isJwt(token) || token.includes(id) ? undefined : id
}
