import type { RequestFacts, TokenRejection, VerifiedClaims, VerifiedToken } from '../src/index.ts'

/** Form of a JWT; nothing in it is real. */
export const TOKEN = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'
export const OTHER_TOKEN = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtYWxsb3J5In0.Zm9yZ2Vk'

export const CLAIMS: VerifiedClaims = {
  iss: 'https://as.example.com',
  sub: 'alice',
  aud: 'https://api.example.com',
  client_id: 's6BhdRkqt3',
  scope: 'orders:read orders:write',
  sid: '08a5019c-17e1-4977-8f42-65a12843ea02',
  auth_time: 1_795_467_491,
  iat: 1_795_469_880,
  exp: 1_795_473_480,
  jti: 'dbe39bf3a3ba4238a513f51d6e1691c4',
  acr: 'urn:mace:incommon:iap:silver',
  amr: ['pwd', 'otp'],
}

export function verifiedWith(
  claims: VerifiedClaims,
  change: Partial<VerifiedToken> = {},
): VerifiedToken {
  return {
    token: TOKEN,
    method: 'jwt',
    hook: 'jose.jwtVerify',
    claims,
    keyId: '2026-10-a',
    algorithm: 'ES256',
    ...change,
  }
}

export function rejectionWith(change: Partial<TokenRejection>): TokenRejection {
  return { token: TOKEN, reason: 'expired', hook: 'jose.jwtVerify', ...change }
}

/** A GET that was answered 200, with a token that nobody looked at. */
export function requestWith(change: Partial<RequestFacts> = {}): RequestFacts {
  return {
    time: '1795470000123456789',
    method: 'GET',
    route: '/v1/orders/:id',
    statusCode: 200,
    complete: true,
    clientAddress: '192.0.2.7',
    userAgent: 'curl/8.10.1',
    token: TOKEN,
    scheme: 'bearer',
    ...change,
  }
}

/** The same, by nobody. */
export function anonymousWith(change: Partial<RequestFacts> = {}): RequestFacts {
  const { token: _token, scheme: _scheme, ...facts } = requestWith(change)
  return facts
}
