import type { RejectionReason } from '@tokentrail/session'
import { copyClaims, isObject } from './claims.ts'
import { readForeignError } from './foreign-error.ts'
import { readIntrospection, withIssuer } from './introspection-answer.ts'
import { decodeHeaderFacts } from './jwt-header.ts'
import type {
  HookedRequest,
  LibraryDefinition,
  ObservedCall,
  ObservedFact,
} from '../hooks/library.ts'

/**
 * What openid-client 6 has for resource servers: introspection (RFC 7662), and UserInfo (OpenID
 * Connect Core §5.3) where a server asks it whose a token is. The grants obtain tokens, which are
 * not those of a request.
 */
export const openidClient: LibraryDefinition = {
  name: 'openid-client',
  module: 'openid-client',
  versions: ['>=6.0.0 <7'],
  hooks: [
    { exportName: 'tokenIntrospection', observe: observeIntrospection },
    { exportName: 'fetchUserInfo', observe: observeUserInfo },
  ],
}

/** `tokenIntrospection(config, token, parameters)`. */
function observeIntrospection(call: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  const [configuration, token] = call.args
  if (typeof token !== 'string') return undefined
  return readIntrospection(token, call.outcome, findIssuer(configuration), hook)
}

/** `fetchUserInfo(config, accessToken, expectedSubject, options)`. */
function observeUserInfo(call: ObservedCall, _: HookedRequest, hook: string): ObservedFact {
  const [configuration, token] = call.args
  if (typeof token !== 'string') return undefined
  const header = decodeHeaderFacts(token)
  if (call.outcome.kind === 'threw') {
    return { rejection: { token, reason: toReason(call.outcome.error), hook, ...header } }
  }
  const claims = withIssuer(copyClaims(call.outcome.value), findIssuer(configuration))
  return { verified: { token, method: 'lookup', hook, claims, ...header } }
}

/** UserInfo answers like any resource server (RFC 6750 §3): the token is not good for it. */
function toReason(error: unknown): RejectionReason {
  const { code } = readForeignError(error)
  if (code === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED') return 'wrong_claim'
  if (code !== 'OAUTH_WWW_AUTHENTICATE_CHALLENGE') return 'verifier_unavailable'
  const status = isObject(error) ? error['status'] : undefined
  return status === 403 ? 'insufficient_scope' : 'inactive'
}

/** `Configuration.serverMetadata()`, which gives a copy. */
function findIssuer(configuration: unknown): unknown {
  const read = isObject(configuration) ? configuration['serverMetadata'] : undefined
  const metadata: unknown = typeof read === 'function' ? read.call(configuration) : undefined
  return isObject(metadata) ? metadata['issuer'] : undefined
}
