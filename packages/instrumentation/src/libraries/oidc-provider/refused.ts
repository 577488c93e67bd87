import type { EventFacts, VerifiedClaims } from '@tokentrail/session'
import { compact, readMember, readString } from '../../hooks/members.ts'
import { claimsOfModel } from './tokens.ts'

type RefusedFacts = Extract<EventFacts, { kind: 'request_refused' }>

/**
 * Errors that the token, device, pushed-request, revocation and introspection endpoints find after
 * they have authenticated the client (`lib/shared/client_auth.js` comes before).
 */
const AFTER_AUTHENTICATION: ReadonlySet<string> = new Set([
  'access_denied',
  'expired_token',
  'invalid_grant',
  'invalid_scope',
  'invalid_target',
  'unsupported_grant_type',
  'unsupported_token_type',
])

/** Grant types that are recorded of a refused request, whose parameter is anybody's text. */
const GRANT_TYPES: ReadonlySet<string> = new Set([
  'authorization_code',
  'client_credentials',
  'password',
  'refresh_token',
  'urn:ietf:params:oauth:grant-type:device_code',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
  'urn:ietf:params:oauth:grant-type:pre-authorized_code',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:openid:params:grant-type:ciba',
])

/** Parameters with the token or code that a request is about. */
const PRESENTED = ['refresh_token', 'code', 'device_code', 'token']

/** "refresh token already used", "… code already consumed": nothing else tells them apart. */
const REUSED = /\balready (?:used|consumed)$/

/** `*.error (ctx, err)` and `server_error (ctx, err)`: an endpoint answers with an OAuth error. */
export function readRefusal(context: unknown, error: unknown, hook: string): readonly EventFacts[] {
  const oidc = readMember(context, 'oidc')
  const errorCode = isExposed(error)
    ? (readString(error, 'error') ?? 'server_error')
    : 'server_error'
  const reused =
    errorCode === 'invalid_grant' && REUSED.test(readString(error, 'error_detail') ?? '')
  const used = readMember(oidc, 'entities', 'RefreshToken')
  const known = reused && used !== undefined ? knownOf(oidc, used) : whoAsked(oidc, errorCode)
  const grantType = readString(oidc, 'params', 'grant_type')
  const token = PRESENTED.map((name) => readString(oidc, 'params', name)).find(Boolean)
  const grantId = reused ? readString(used, 'grantId') : undefined
  const facts: RefusedFacts = {
    kind: 'request_refused',
    hook,
    known,
    errorCode,
    ...(reused ? { reason: 'reused' as const } : {}),
    ...(grantType !== undefined && GRANT_TYPES.has(grantType) ? { grantType } : {}),
    ...(token === undefined ? {} : { token }),
    ...(grantId === undefined ? {} : { grantId }),
  }
  return [facts]
}

/** What the library itself does not show the client is an error of the server. */
function isExposed(error: unknown): boolean {
  return readMember(error, 'expose') === true
}

/**
 * Who asked, if that is known for certain: the client that authenticated itself, or at the
 * authorization endpoint the user who is signed in. A public client's name is anybody's claim.
 */
function whoAsked(oidc: unknown, errorCode: string): VerifiedClaims {
  const iss = readString(oidc, 'issuer')
  const client_id = readString(oidc, 'client', 'clientId')
  const sub = readString(oidc, 'session', 'accountId')
  if (sub !== undefined) return compact({ iss, client_id, sub })
  const method = readString(oidc, 'client', 'clientAuthMethod')
  const authenticated = method !== undefined && method !== 'none'
  return authenticated && AFTER_AUTHENTICATION.has(errorCode)
    ? compact({ iss, client_id })
    : compact({ iss })
}

function knownOf(oidc: unknown, model: unknown): VerifiedClaims {
  const iss = readString(oidc, 'issuer') ?? ''
  const { client_id, sub } = claimsOfModel(model, iss)
  return compact({ iss, client_id, sub })
}
