import type { RejectionReason, TokenRejection } from '@tokentrail/session'
import { parseAuthorization } from '../inbound/authorization.ts'
import { copyClaims, isObject } from './claims.ts'
import { readIntrospection } from './introspection-answer.ts'
import { toAccessTokenReason } from './oauth4webapi-reasons.ts'
import { decodeHeaderFacts } from './jwt-header.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'

/**
 * The resource server's side of oauth4webapi 3: token introspection (RFC 7662), whose two halves
 * meet in the `Response` object, and JWT access tokens (RFC 9068).
 */
export const oauth4webapi: LibraryDefinition = {
  name: 'oauth4webapi',
  module: 'oauth4webapi',
  versions: ['>=3.0.0 <4'],
  hooks: [
    { exportName: 'introspectionRequest', observe: observeIntrospectionRequest },
    { exportName: 'processIntrospectionResponse', observe: observeIntrospectionResponse },
    { exportName: 'validateJwtAccessToken', observe: observeAccessToken },
  ],
}

/** `introspectionRequest(as, client, clientAuthentication, token)`: remembers whose answer it is. */
function observeIntrospectionRequest(
  call: ObservedCall,
  request: HookedRequest,
  hook: string,
): ObservedFact {
  const token = call.args[3]
  if (typeof token !== 'string') return undefined
  if (call.outcome.kind === 'threw') {
    return { rejection: { token, reason: 'verifier_unavailable', hook } }
  }
  if (isObject(call.outcome.value)) request.notes.set(call.outcome.value, token)
  return undefined
}

/** `processIntrospectionResponse(as, client, response)`: its answer is about the token asked for. */
function observeIntrospectionResponse(
  call: ObservedCall,
  request: HookedRequest,
  hook: string,
): ObservedFact {
  const [server, , response] = call.args
  const token = isObject(response) ? request.notes.get(response) : undefined
  if (token === undefined) return undefined
  return readIntrospection(
    token,
    call.outcome,
    isObject(server) ? server['issuer'] : undefined,
    hook,
  )
}

/** `validateJwtAccessToken(as, request, expectedAudience)`. */
function observeAccessToken(call: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  const fetchRequest = call.args[1]
  if (!(fetchRequest instanceof Request)) return undefined
  const header = fetchRequest.headers.get('authorization') ?? undefined
  const token = parseAuthorization(header)?.token
  if (call.outcome.kind === 'threw') {
    return { rejection: toRejection(token, call.outcome.error, hook) }
  }
  if (token === undefined) return undefined
  const claims = copyClaims(call.outcome.value)
  return { verified: { token, method: 'jwt', hook, claims, ...decodeHeaderFacts(token) } }
}

/** Claims are checked before the signature, so whatever a refused token claims stays unproven. */
function toRejection(token: string | undefined, error: unknown, hook: string): TokenRejection {
  const reason: RejectionReason = token === undefined ? 'missing' : toAccessTokenReason(error)
  return { ...(token === undefined ? {} : { token, ...decodeHeaderFacts(token) }), reason, hook }
}
