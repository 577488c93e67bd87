import type { EventFacts, EventToken, VerifiedClaims } from '@tokentrail/session'
import { compact, readMember, readString } from '../../hooks/members.ts'
import { claimsOfModel, readIdToken, readModelToken } from './tokens.ts'

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

/** Parameter of the token endpoint that the tokens are made from, by grant type. */
const PARENTS: { readonly [grantType: string]: Parent } = {
  authorization_code: { parameter: 'code', type: 'authorization_code' },
  refresh_token: { parameter: 'refresh_token', type: 'refresh_token' },
  [DEVICE_GRANT]: { parameter: 'device_code', type: 'device_code' },
}

interface Parent {
  readonly parameter: string
  readonly type: 'authorization_code' | 'refresh_token' | 'device_code'
}

/** Models that an access token may be made from, in the order in which they are asked. */
const SOURCES = [
  'AuthorizationCode',
  'DeviceCode',
  'BackchannelAuthenticationRequest',
  'RefreshToken',
]

/** `grant.success (ctx)`: the token endpoint answers (`lib/actions/token.js`). */
export function readGrant(context: unknown, hook: string): readonly EventFacts[] {
  const grantType = readString(context, 'oidc', 'params', 'grant_type')
  if (grantType === undefined) return []
  const parent = PARENTS[grantType]
  const presented =
    parent === undefined ? undefined : readString(context, 'oidc', 'params', parent.parameter)
  const from =
    parent === undefined || presented === undefined
      ? {}
      : { parent: { token: presented, type: parent.type } }
  return readIssued({ context, answer: readMember(context, 'body'), grantType, hook, from })
}

/** `authorization.success (ctx, out)`: code, and tokens of the implicit and hybrid flows. */
export function readAuthorization(
  context: unknown,
  answer: unknown,
  hook: string,
): readonly EventFacts[] {
  const responseType = readString(context, 'oidc', 'params', 'response_type')
  const grantType = responseType === 'code' ? 'authorization_code' : 'implicit'
  return readIssued({ context, answer, grantType, hook, from: {} })
}

/** `device_authorization.success (ctx, body)` (RFC 8628 §3.2). The user's code is not looked at. */
export function readDevice(context: unknown, answer: unknown, hook: string): readonly EventFacts[] {
  return readIssued({ context, answer, grantType: DEVICE_GRANT, hook, from: {} })
}

interface Issuance {
  readonly context: unknown
  readonly answer: unknown
  readonly grantType: string
  readonly hook: string
  readonly from: Pick<Extract<EventFacts, { kind: 'tokens_issued' }>, 'parent'>
}

function readIssued({ answer, context, from, grantType, hook }: Issuance): readonly EventFacts[] {
  const oidc = readMember(context, 'oidc')
  const source = SOURCES.map((kind) => readMember(oidc, 'entities', kind)).find(Boolean)
  const tokens = readTokens(oidc, answer, from.parent?.token)
  if (tokens.length === 0) return []
  const access = readMember(oidc, 'entities', 'AccessToken')
  const grantId = readString(source, 'grantId') ?? readString(access, 'grantId')
  const clientAuthMethod = readString(oidc, 'client', 'clientAuthMethod')
  return [
    {
      kind: 'tokens_issued',
      hook,
      known: knownOf(oidc, source),
      tokens,
      grantType,
      ...from,
      ...(grantId === undefined ? {} : { grantId }),
      ...(clientAuthMethod === undefined ? {} : { clientAuthMethod }),
    },
  ]
}

/** The access token first: it makes the session. A refresh token that goes on is not issued anew. */
function readTokens(
  oidc: unknown,
  answer: unknown,
  presented: string | undefined,
): readonly EventToken[] {
  const issuer = readString(oidc, 'issuer') ?? ''
  const entities = readMember(oidc, 'entities')
  const idToken = readIdToken(
    readString(answer, 'id_token'),
    readString(oidc, 'client', 'clientId'),
  )
  const { sub } = idToken?.claims ?? {}
  const subject = typeof sub === 'string' ? sub : undefined
  const refresh = readString(answer, 'refresh_token')
  const read = (kind: string, token: string | undefined): EventToken | undefined =>
    readModelToken(readMember(entities, kind), token, issuer, subject)
  const access = readString(answer, 'access_token')
  return [
    read('AccessToken', access) ?? read('ClientCredentials', access),
    read('RefreshToken', refresh === presented ? undefined : refresh),
    idToken,
    read('AuthorizationCode', readString(answer, 'code')),
    read('DeviceCode', readString(answer, 'device_code')),
  ].filter((token) => token !== undefined)
}

/** Sign-in and client, which the token itself may not name. */
function knownOf(oidc: unknown, source: unknown): VerifiedClaims {
  const issuer = readString(oidc, 'issuer') ?? ''
  const { acr, amr, auth_time, sid } = claimsOfModel(source, issuer)
  const client_id = readString(oidc, 'client', 'clientId')
  return compact({ iss: issuer, client_id, sid, auth_time, acr, amr })
}
