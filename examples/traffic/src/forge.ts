import { generateKeyPair, SignJWT } from 'jose'

/** Makes a token that claims to be somebody else's, signed with a key that nobody published. */
export async function forgeToken(issuer: string, audience: string, user: string): Promise<string> {
  const { privateKey } = await generateKeyPair('ES256')
  return new SignJWT({
    client_id: 'orders-web',
    scope: 'orders:read orders:write health:read payments:read',
    sid: 'forged-session',
  })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'forged-key' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(user)
    .setJti('forged-token')
    .setIssuedAt()
    .setExpirationTime('5 minutes')
    .sign(privateKey)
}
