import type { EventToken, VerifiedClaims } from '@tokentrail/session'
import { decodeHeaderFacts } from '../jwt-header.ts'
import { compact, readMember, readString } from '../../hooks/members.ts'
import { decodeProvenClaims } from '../proven-claims.ts'

const JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/**
 * Reads what the application's model keeps of a token or code (`lib/models/token-model.js`): the
 * client's id, the user's `id`, scopes and expiry.
 *
 * @param expires - Member with the expiry.
 */
export function readStoredClaims(data: unknown, expires: string): VerifiedClaims {
  const until = readMember(data, expires)
  const user = readMember(data, 'user', 'id')
  const scopes = readMember(data, 'scope')
  return compact({
    client_id: readString(data, 'client', 'id'),
    sub: typeof user === 'number' ? String(user) : readString(data, 'user', 'id'),
    scope: Array.isArray(scopes) ? scopes.join(' ') : undefined,
    exp: until instanceof Date ? Math.floor(until.getTime() / 1_000) : undefined,
  })
}

/**
 * Reads a token that the server has just made. One that is a JWT says more, to APIs that verify it
 * by themselves.
 */
export function readStoredToken(
  data: unknown,
  member: 'accessToken' | 'refreshToken' | 'authorizationCode',
): EventToken | undefined {
  const token = readString(data, member)
  if (token === undefined) return undefined
  const { expires, type } = TOKENS[member]
  const stored = readStoredClaims(data, expires)
  const claims = JWS.test(token) ? { ...stored, ...decodeProvenClaims(token) } : stored
  return { token, type, claims, ...decodeHeaderFacts(token) }
}

const TOKENS = {
  accessToken: { expires: 'accessTokenExpiresAt', type: 'access_token' },
  refreshToken: { expires: 'refreshTokenExpiresAt', type: 'refresh_token' },
  authorizationCode: { expires: 'expiresAt', type: 'authorization_code' },
} as const
