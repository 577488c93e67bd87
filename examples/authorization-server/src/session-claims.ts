import type { AccessToken, ClientCredentials, KoaContextWithOIDC } from 'oidc-provider'

/**
 * Adds `sid` and `auth_time` to access tokens. oidc-provider leaves both out unless asked; without
 * them a resource server cannot tell which sign-in a token belongs to, and each refresh would look
 * like a new session.
 */
export async function sessionClaims(
  context: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
): Promise<Record<string, unknown> | undefined> {
  if (!('sessionUid' in token) || token.sessionUid === undefined) return undefined
  const { provider, entities } = context.oidc
  const grant = entities.AuthorizationCode ?? entities.RefreshToken
  const session = await provider.Session.findByUid(token.sessionUid)
  return {
    ...(grant?.authTime !== undefined && { auth_time: grant.authTime }),
    ...(session !== undefined && { sid: session.sidFor(String(token.clientId)) }),
  }
}
