import type { RequestFacts } from '../facts.ts'
import { readOwn, readText } from '../token/claims.ts'

/** What tells whether a token was used by whom it is bound to. */
export type BindingFacts = Pick<
  RequestFacts,
  'scheme' | 'verified' | 'dpopProof' | 'clientCertificate'
>

/**
 * Finds what a request with a verified token that is bound to a key lacks, as far as it is seen
 * without a check of the proof:
 *
 * - `binding_mismatch`: a token with `cnf.jkt` was not sent as DPoP (RFC 9449 §7.1), or one with
 *   `cnf.x5t#S256` came with another client certificate (RFC 8705 §3);
 * - `proof_invalid`: it was sent as DPoP, without a proof.
 *
 * A connection without a client certificate says nothing: a proxy may have ended the client's.
 */
export function findBindingFault(
  facts: BindingFacts,
): 'binding_mismatch' | 'proof_invalid' | undefined {
  const confirmation = readOwn(facts.verified?.claims, 'cnf')
  if (readText(readOwn(confirmation, 'jkt')) !== undefined) {
    if (facts.scheme !== 'dpop') return 'binding_mismatch'
    return facts.dpopProof === true ? undefined : 'proof_invalid'
  }
  const thumbprint = readText(readOwn(confirmation, 'x5t#S256'))
  const { clientCertificate } = facts
  const isOther = clientCertificate !== undefined && clientCertificate !== thumbprint
  return thumbprint !== undefined && isOther ? 'binding_mismatch' : undefined
}
