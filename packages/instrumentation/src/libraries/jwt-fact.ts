import type { RejectionReason } from '@tokentrail/session'
import { copyClaims, isObject } from './claims.ts'
import { decodeHeaderFacts } from './jwt-header.ts'
import type { ObservedFact } from '../hooks/library.ts'
import type { Outcome } from '../hooks/outcome.ts'
import { decodeProvenClaims } from './proven-claims.ts'

/** Why a library refused a JWT. */
export interface JwtFailure {
  readonly reason: RejectionReason
  /** Whether the library had found the signature good before. Default is `false`. */
  readonly proven?: boolean
  /** Scopes that were demanded, where the refusal names them. */
  readonly requiredScopes?: readonly string[]
}

/** How a library tells what it found. */
export interface JwtVerification {
  /** The claims, in what the call returned. */
  readonly payloadOf: (value: unknown) => unknown
  readonly failureOf: (error: unknown) => JwtFailure
}

/**
 * Says what a call that verifies a compact JWS told about it.
 *
 * @param token - What the call was given; what is no text is nobody's token.
 * @returns Nothing for an unsigned token that was accepted: an application may allow those, but
 *   nobody proves them.
 */
export function toJwtFact(
  token: unknown,
  outcome: Outcome,
  hook: string,
  { failureOf, payloadOf }: JwtVerification,
): ObservedFact {
  if (typeof token !== 'string' || token === '') return undefined
  const header = decodeHeaderFacts(token)
  if (outcome.kind === 'threw') {
    const { proven = false, ...failure } = failureOf(outcome.error)
    const claims = proven && isSigned(token) ? { provenClaims: decodeProvenClaims(token) } : {}
    return { rejection: { token, hook, ...failure, ...claims, ...header } }
  }
  const payload = payloadOf(outcome.value)
  if (!isSigned(token) || !isObject(payload)) return undefined
  return { verified: { token, method: 'jwt', hook, claims: copyClaims(payload), ...header } }
}

function isSigned(token: string): boolean {
  return (token.split('.', 3)[2] ?? '').trim() !== ''
}
