import type { EventFacts, EventToken } from '@tokentrail/session'
import type { HookedRequest, ObservedCall, ObservedFact } from '../../hooks/library.ts'
import { compact, readMember, readString } from '../../hooks/members.ts'
import { readStoredToken } from './stored-token.ts'

type RefusedFacts = Extract<EventFacts, { kind: 'request_refused' }>

/** Grant types that are recorded; the parameter is anybody's text until the server takes it. */
const GRANT_TYPES: ReadonlySet<string> = new Set([
  'authorization_code',
  'client_credentials',
  'password',
  'refresh_token',
])

/** `token(request, response, options)`: the token endpoint. */
export function observeToken(call: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  const [request] = call.args
  const grantType = readString(request, 'body', 'grant_type')
  const refresh = readString(request, 'body', 'refresh_token')
  const code = readString(request, 'body', 'code')
  if (call.outcome.kind === 'threw') {
    const named = grantType !== undefined && GRANT_TYPES.has(grantType) ? { grantType } : {}
    return toRefusal(call.outcome.error, hook, { ...named, ...compact({ token: refresh ?? code }) })
  }
  const data = call.outcome.value
  const issued = readStoredToken(data, 'refreshToken')
  const machine = grantType === 'client_credentials' ? { gty: grantType } : {}
  return toIssued({
    hook,
    tokens: [readStoredToken(data, 'accessToken'), issued?.token === refresh ? undefined : issued],
    claims: { ...compact({ client_id: readString(data, 'client', 'id') }), ...machine },
    grantType,
    clientAuthMethod: readAuthMethod(request),
    ...(refresh !== undefined && grantType === 'refresh_token'
      ? { parent: { token: refresh, type: 'refresh_token' } }
      : {}),
    ...(code !== undefined && grantType === 'authorization_code'
      ? { parent: { token: code, type: 'authorization_code' } }
      : {}),
  })
}

/** `authorize(request, response, options)`: the authorization endpoint, for a user who is known. */
export function observeAuthorize(call: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  if (call.outcome.kind === 'threw') return toRefusal(call.outcome.error, hook, {})
  const data = call.outcome.value
  return toIssued({
    hook,
    tokens: [readStoredToken(data, 'authorizationCode')],
    claims: compact({ client_id: readString(data, 'client', 'id') }),
    grantType: 'authorization_code',
    clientAuthMethod: undefined,
  })
}

interface Issuance {
  readonly hook: string
  readonly tokens: readonly (EventToken | undefined)[]
  readonly claims: EventFacts['known']
  readonly grantType: string | undefined
  readonly clientAuthMethod: string | undefined
  readonly parent?: Extract<EventFacts, { kind: 'tokens_issued' }>['parent']
}

function toIssued(issuance: Issuance): ObservedFact {
  const { claims, clientAuthMethod, grantType, hook, parent } = issuance
  const tokens = issuance.tokens.filter((token) => token !== undefined)
  if (tokens.length === 0 || grantType === undefined) return undefined
  return {
    event: {
      kind: 'tokens_issued',
      hook,
      known: claims,
      tokens,
      grantType,
      ...(clientAuthMethod === undefined ? {} : { clientAuthMethod }),
      ...(parent === undefined ? {} : { parent }),
    },
  }
}

/** Whether the client had proven who it is, the error does not say: it names nobody. */
function toRefusal(
  error: unknown,
  hook: string,
  asked: Pick<RefusedFacts, 'grantType' | 'token'>,
): ObservedFact {
  const errorCode = readString(error, 'name') ?? 'server_error'
  return { event: { kind: 'request_refused', hook, known: {}, errorCode, ...asked } }
}

/** `getClientCredentials` of `lib/handlers/token-handler.js`: the header before the body. */
function readAuthMethod(request: unknown): string {
  const header = readString(request, 'headers', 'authorization')
  if (header !== undefined && /^basic /i.test(header)) return 'client_secret_basic'
  return readMember(request, 'body', 'client_secret') === undefined ? 'none' : 'client_secret_post'
}
