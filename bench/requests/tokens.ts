import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'

export const ISSUER = 'https://as.example.com'
export const AUDIENCE = 'https://api.example.com'

/** Access tokens of several users and clients, and the key that verifies them. */
export interface Tokens {
  readonly publicJwk: JWK
  readonly tokens: readonly string[]
}

/** Signs access tokens (RFC 9068) that stay valid for an hour. */
export async function signTokens(count: number): Promise<Tokens> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const signedAt = Math.floor(Date.now() / 1000)
  const tokens = Array.from({ length: count }, (_, index) =>
    new SignJWT({
      client_id: `client-${index % 7}`,
      scope: 'orders:read orders:write',
      sid: `session-${index}`,
      auth_time: signedAt - 600,
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'bench' })
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setSubject(`user-${index % 150}`)
      .setJti(`token-${index}`)
      .setIssuedAt(signedAt)
      .setExpirationTime(signedAt + 3600)
      .sign(privateKey),
  )
  return { publicJwk: await exportJWK(publicKey), tokens: await Promise.all(tokens) }
}
