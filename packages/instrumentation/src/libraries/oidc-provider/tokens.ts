import type { EventToken, VerifiedClaims } from '@tokentrail/session'
import { copyClaims } from '../claims.ts'
import { decodeHeaderFacts } from '../jwt-header.ts'
import { compact, readMember, readString } from '../../hooks/members.ts'
import { decodeProvenClaims } from '../proven-claims.ts'

/** Models whose tokens are recorded, and what they are called in records. */
const TYPES = {
  AccessToken: 'access_token',
  ClientCredentials: 'access_token',
  RefreshToken: 'refresh_token',
  AuthorizationCode: 'authorization_code',
  DeviceCode: 'device_code',
} as const

/** Form of a signed JWT; one that is encrypted has five parts and is not looked into. */
const JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

/**
 * Reads a model and the token that stands for it.
 *
 * What a resource server learns from it: of a JWT its claims, which the server itself has just
 * signed; of an opaque token what `lib/actions/introspection.js` answers. A model's `jti` is the
 * token itself (`lib/models/formats/opaque.js`) and goes nowhere else.
 *
 * @param subject - What clients know the account by, for clients with pairwise identifiers.
 */
export function readModelToken(
  model: unknown,
  token: string | undefined,
  issuer: string,
  subject?: string,
): EventToken | undefined {
  const kind = readString(model, 'kind')
  if (token === undefined || kind === undefined || !Object.hasOwn(TYPES, kind)) return undefined
  const type = TYPES[kind as keyof typeof TYPES]
  const claims = decodeClaims(token) ?? claimsOfModel(model, issuer, subject)
  const expiresIn = readMember(model, 'expiresIn')
  return {
    token,
    type,
    claims,
    ...(typeof expiresIn === 'number' ? { expiresIn } : {}),
    ...decodeHeaderFacts(token),
  }
}

/** Reads an ID token that the server has just signed. Its audience is the client. */
export function readIdToken(
  token: string | undefined,
  clientId: string | undefined,
): EventToken | undefined {
  if (token === undefined) return undefined
  const claims = { ...decodeClaims(token), ...compact({ client_id: clientId }) }
  return { token, type: 'id_token', format: 'jwt', claims, ...decodeHeaderFacts(token) }
}

/** Reads what a model says of the authorization behind it. */
export function claimsOfModel(model: unknown, issuer: string, subject?: string): VerifiedClaims {
  const jkt = readString(model, 'jkt')
  const x5t = readString(model, 'x5t#S256')
  const pairwise = readMember(model, 'client', 'subjectType') === 'pairwise'
  const cnf = compact({ jkt, 'x5t#S256': x5t })
  const extra = copyClaims(readMember(model, 'extra'))
  return compact({
    sub: subject ?? (pairwise ? undefined : readString(model, 'accountId')),
    // In this order: what the answer holds of the application overrules the subject alone.
    ...extra,
    jti: undefined,
    authorization_details: undefined,
    iss: issuer,
    client_id: readString(model, 'clientId'),
    aud: readMember(model, 'aud') ?? readMember(model, 'resource'),
    scope: readString(model, 'scope'),
    iat: readMember(model, 'iat'),
    exp: readMember(model, 'exp'),
    sid: readString(model, 'sid'),
    auth_time: readMember(model, 'authTime') ?? extra.auth_time,
    acr: readString(model, 'acr') ?? extra.acr,
    amr: readMember(model, 'amr') ?? extra.amr,
    cnf: jkt === undefined && x5t === undefined ? undefined : cnf,
  })
}

/** Decodes the claims of a JWT that the server has made in this very call. */
function decodeClaims(token: string): VerifiedClaims | undefined {
  return JWS.test(token) ? decodeProvenClaims(token) : undefined
}
