import type { EventFacts, VerifiedClaims } from '@tokentrail/session'
import { isObject } from '../claims.ts'
import { compact, readMember, readString } from '../../hooks/members.ts'
import { claimsOfModel, readModelToken } from './tokens.ts'

/** Models that tell whose grant is being revoked. */
const SOURCES = ['RefreshToken', 'AccessToken', 'AuthorizationCode', 'DeviceCode']

/** `*.destroyed (model)`: a stored token, which is an opaque one, is gone. */
export function readDestroyed(model: unknown, issuer: string, hook: string): readonly EventFacts[] {
  const token = readModelToken(model, readString(model, 'jti'), issuer)
  if (token === undefined) return []
  const { acr, amr, auth_time } = claimsOfModel(model, issuer)
  const known = compact({ iss: issuer, acr, amr, auth_time })
  return [{ kind: 'token_revoked', hook, token, known, ...grantOf(readString(model, 'grantId')) }]
}

/** `grant.revoked (ctx, grantId)`: a family ends, by revocation, reuse or logout. */
export function readGrantRevoked(
  context: unknown,
  grantId: unknown,
  hook: string,
): readonly EventFacts[] {
  if (typeof grantId !== 'string') return []
  const oidc = readMember(context, 'oidc')
  const isLogout = readString(oidc, 'route')?.startsWith('end_session') === true
  const of = authorizationsOf(oidc).find((authorization) => authorization.grantId === grantId)
  const known = of === undefined || !isLogout ? ofSources(oidc) : of.known
  return [{ kind: 'grant_revoked', hook, known, grantId, reason: isLogout ? 'logout' : 'revoked' }]
}

/**
 * `end_session.success (ctx)`: the user has signed out everywhere. What was granted beyond the
 * sign-in (`persistsLogout`, as with `offline_access`) goes on.
 */
export function readLogout(context: unknown, hook: string): readonly EventFacts[] {
  const oidc = readMember(context, 'oidc')
  if (readMember(oidc, 'session', 'destroyed') !== true) return []
  return authorizationsOf(oidc)
    .filter(({ persists }) => !persists)
    .map(({ grantId, known }) => ({
      kind: 'session_ended',
      hook,
      reason: 'logout',
      known,
      ...grantOf(grantId),
    }))
}

/** `backchannel.success (ctx, client, accountId, sid)`: the client was told of the logout. */
export function readBackchannel(
  [context, client, , sid]: readonly unknown[],
  hook: string,
): readonly EventFacts[] {
  const clientId = readString(client, 'clientId')
  const authorizations = authorizationsOf(readMember(context, 'oidc'))
  const of = authorizations.find(({ known }) => known.client_id === clientId && known.sid === sid)
  if (of === undefined || of.persists) return []
  const { grantId, known } = of
  return [{ kind: 'session_ended', hook, reason: 'backchannel_logout', known, ...grantOf(grantId) }]
}

interface Authorization {
  readonly grantId: string | undefined
  readonly persists: boolean
  readonly known: VerifiedClaims
}

/** What the browser's session is signed in to. Its `jti` is the cookie and is not read. */
function authorizationsOf(oidc: unknown): readonly Authorization[] {
  const authorizations = readMember(oidc, 'session', 'authorizations')
  if (!isObject(authorizations)) return []
  const iss = readString(oidc, 'issuer')
  const sub = readString(oidc, 'session', 'accountId')
  const auth_time = readMember(oidc, 'session', 'loginTs')
  return Object.entries(authorizations).map(([client_id, authorization]) => ({
    grantId: readString(authorization, 'grantId'),
    persists: readMember(authorization, 'persistsLogout') === true,
    known: compact({ iss, sub, client_id, auth_time, sid: readString(authorization, 'sid') }),
  }))
}

function ofSources(oidc: unknown): VerifiedClaims {
  const iss = readString(oidc, 'issuer') ?? ''
  const source = SOURCES.map((kind) => readMember(oidc, 'entities', kind)).find(Boolean)
  const { sid, sub } = claimsOfModel(source, iss)
  const client_id = readString(source, 'clientId') ?? readString(oidc, 'client', 'clientId')
  return compact({ iss, client_id, sid, sub })
}

function grantOf(grantId: string | undefined): { readonly grantId?: string } {
  return grantId === undefined ? {} : { grantId }
}
