import type { VerifiedClaims } from '@tokentrail/session'
import { copyClaims, isObject } from './claims.ts'
import { decodeHeaderFacts } from './jwt-header.ts'
import type { ObservedFact } from '../hooks/library.ts'
import type { Outcome } from '../hooks/outcome.ts'

/**
 * Reads the outcome of a token introspection (RFC 7662 §2.2): an answer, or that there was none.
 *
 * @param issuer - The server that was asked. The answer's `iss` is optional; the server speaks for
 *   its own tokens.
 */
export function readIntrospection(
  token: string,
  outcome: Outcome,
  issuer: unknown,
  hook: string,
): ObservedFact {
  if (outcome.kind === 'threw') {
    return { rejection: { token, reason: 'verifier_unavailable', hook } }
  }
  const answer = outcome.value
  if (!isObject(answer)) return undefined
  if (answer['active'] !== true) return { rejection: { token, reason: 'inactive', hook } }
  const claims = withIssuer(copyClaims(answer), issuer)
  return { verified: { token, method: 'introspection', hook, claims, ...decodeHeaderFacts(token) } }
}

/** Adds the issuer to claims that do not name it. */
export function withIssuer(claims: VerifiedClaims, issuer: unknown): VerifiedClaims {
  return typeof claims.iss === 'string' || typeof issuer !== 'string'
    ? claims
    : { ...claims, iss: issuer }
}
