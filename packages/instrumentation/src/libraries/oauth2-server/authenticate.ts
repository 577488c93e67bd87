import type { RejectionReason } from '@tokentrail/session'
import { parseAuthorization, parseQueryToken } from '../../inbound/authorization.ts'
import { messageMatches } from '../foreign-error.ts'
import { decodeHeaderFacts } from '../jwt-header.ts'
import type { HookedRequest, ObservedCall, ObservedFact } from '../../hooks/library.ts'
import { readString } from '../../hooks/members.ts'
import { readStoredClaims } from './stored-token.ts'

const REASONS: { readonly [name: string]: RejectionReason } = {
  unauthorized_request: 'missing',
  invalid_request: 'malformed',
  insufficient_scope: 'insufficient_scope',
  server_error: 'verifier_unavailable',
}

/** `authenticate(request, response, options)`: a resource asks for whom a token stands. */
export function observeAuthenticate(
  call: ObservedCall,
  request: HookedRequest,
  hook: string,
): ObservedFact {
  const [presented] = call.args
  if (call.outcome.kind === 'returned') {
    const token = readString(call.outcome.value, 'accessToken')
    if (token === undefined) return undefined
    const claims = readStoredClaims(call.outcome.value, 'accessTokenExpiresAt')
    return { verified: { token, method: 'lookup', hook, claims, ...decodeHeaderFacts(token) } }
  }
  const token =
    request.token ??
    parseAuthorization(readString(presented, 'headers', 'authorization'))?.token ??
    parseQueryToken(readString(presented, 'url'))?.token
  const header = token === undefined ? {} : { token, ...decodeHeaderFacts(token) }
  return { rejection: { ...header, reason: toReason(call.outcome.error), hook } }
}

/** A token that the store does not know may be forged, revoked or gone: it does not say which. */
function toReason(error: unknown): RejectionReason {
  if (readString(error, 'name') !== 'invalid_token') {
    return REASONS[readString(error, 'name') ?? ''] ?? 'unknown'
  }
  return messageMatches(error, /has expired$/) ? 'expired' : 'inactive'
}
