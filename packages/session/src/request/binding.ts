import type { RequestFacts } from '../facts.ts'
import { readOwn, readText } from '../token/claims.ts'

/** What tells whether a token was used by whom it is bound to. */
export type BindingFacts = Pick<
  RequestFacts,
  'scheme' | 'verified' | 'dpopProof' | 'clientCertificate'
>

/**
 * Says whether a verified token is bound to a key that the request did not prove: a token with
 * `cnf.jkt` without the scheme and proof of DPoP (RFC 9449 §7.1), or one with `cnf.x5t#S256` over a
 * connection with no or another client certificate (RFC 8705 §3). A proof that was presented is not
 * checked here. Behind a proxy that ends TLS the certificate is not seen.
 */
export function isBindingMissed(facts: BindingFacts): boolean {
  const confirmation = facts.verified === undefined ? undefined : readCnf(facts.verified.claims)
  if (confirmation === undefined) return false
  if (readText(readOwn(confirmation, 'jkt')) !== undefined) {
    return facts.scheme !== 'dpop' || facts.dpopProof !== true
  }
  const thumbprint = readText(readOwn(confirmation, 'x5t#S256'))
  return thumbprint !== undefined && thumbprint !== facts.clientCertificate
}

function readCnf(claims: object): object | undefined {
  const confirmation = readOwn(claims, 'cnf')
  return typeof confirmation === 'object' && confirmation !== null ? confirmation : undefined
}
