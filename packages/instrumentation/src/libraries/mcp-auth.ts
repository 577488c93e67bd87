import type { RejectionReason, VerifiedClaims } from '@tokentrail/session'
import { parseChallenges } from '../inbound/challenge.ts'
import { isObject } from './claims.ts'
import type { HookedRequest, ObservedFact } from '../hooks/library.ts'

/** How the MCP SDK refuses a request. */
export interface McpRefusal {
  /** An OAuth error code; undefined for a fault that is no refusal. */
  readonly code: string | undefined
  /** Whether the description matches, which is the SDK's own or the application's. */
  readonly says: (pattern: RegExp) => boolean
  /** Scopes that are demanded of every request. */
  readonly requiredScopes: unknown
}

/** Descriptions that the SDK gives (`bearerAuth` of versions 1 and 2). First match counts. */
const DESCRIPTIONS: readonly (readonly [RegExp, RejectionReason])[] = [
  [/^Missing Authorization header$/, 'missing'],
  [/^Invalid Authorization header format/, 'malformed'],
  [/^Token was not issued for this resource$/, 'wrong_audience'],
  [/^Token has expired$/, 'expired'],
  [/^Token has no expiration time$/, 'wrong_claim'],
]

/**
 * Says what a token's verification by the MCP SDK told. The application's verifier finds out about
 * the token; a library that it verifies with tells more, and is believed first.
 *
 * @param authInfo - The SDK's `AuthInfo`. It has the token in it, and in `extra` whatever the
 *   application likes: named members are copied, nothing else.
 */
export function toMcpGood(authInfo: unknown, hook: string): ObservedFact {
  const token = isObject(authInfo) ? authInfo['token'] : undefined
  if (!isObject(authInfo) || typeof token !== 'string') return undefined
  return { verified: { token, method: 'lookup', hook, claims: readAuthInfo(authInfo) } }
}

/** Says why the MCP SDK refused. Nothing is proven of a token that its verifier did not like. */
export function toMcpRefused(
  { code, requiredScopes, says }: McpRefusal,
  { token }: HookedRequest,
  hook: string,
): ObservedFact {
  const reason = toReason(code, says)
  const scopes =
    reason === 'insufficient_scope' && isTexts(requiredScopes) ? { requiredScopes } : {}
  return { rejection: { ...(token === undefined ? {} : { token }), reason, hook, ...scopes } }
}

/** Reads the challenge of an answer (RFC 6750 §3), by which the SDK tells the client why. */
export function readMcpChallenge(challenge: unknown): McpRefusal {
  const { error, scopes } = parseChallenges(challenge)[0] ?? {}
  const text = typeof challenge === 'string' ? challenge : ''
  const description = /error_description="([^"]*)"/.exec(text)?.[1] ?? ''
  return {
    code: error,
    requiredScopes: scopes,
    says: (pattern) => pattern.test(description),
  }
}

function toReason(code: McpRefusal['code'], says: McpRefusal['says']): RejectionReason {
  if (code === 'insufficient_scope') return 'insufficient_scope'
  if (code === undefined || code === 'server_error') return 'verifier_unavailable'
  if (code !== 'invalid_token') return 'unknown'
  // What the application's verifier says in words of its own does not tell why.
  return DESCRIPTIONS.find(([pattern]) => says(pattern))?.[1] ?? 'inactive'
}

function readAuthInfo(authInfo: { readonly [name: string]: unknown }): VerifiedClaims {
  const { clientId, expiresAt, extra, resource, scopes } = authInfo
  const audience = resource instanceof URL ? resource.href : resource
  // The SDK has no place for the subject; applications put it here.
  const { iss, sub } = isObject(extra) ? extra : {}
  return {
    ...(typeof clientId === 'string' ? { client_id: clientId } : {}),
    ...(isTexts(scopes) ? { scope: [...scopes] } : {}),
    ...(typeof expiresAt === 'number' ? { exp: expiresAt } : {}),
    ...(typeof audience === 'string' ? { aud: audience } : {}),
    ...(typeof sub === 'string' ? { sub } : {}),
    ...(typeof iss === 'string' ? { iss } : {}),
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}
