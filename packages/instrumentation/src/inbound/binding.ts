import { createHash } from 'node:crypto'
import type { Decision } from '../decision.ts'
import { readProofId } from './dpop-proof.ts'
import type { FactsInProgress } from './facts-in-progress.ts'
import { readField, type ServedSocket } from './served.ts'

/**
 * Adds what the request brought along to prove that the token is its own: whether there was a DPoP
 * proof (RFC 9449 §4.1), and the thumbprint of the client's certificate (RFC 8705 §3.1) where the
 * token is bound to one. Proof and certificate themselves are not kept.
 */
export function addBinding(facts: FactsInProgress, decision: Decision): void {
  const { own, request, verified } = decision
  const proof = readField(request, 'dpop')
  if (proof !== undefined) {
    facts.dpopProof = true
    const id = readProofId(proof)
    if (id !== undefined) facts.dpopProofId = id
  }
  const confirmation = (verified ?? own?.verified)?.claims.cnf
  if (typeof confirmation !== 'object' || confirmation === null) return
  if (!('x5t#S256' in confirmation)) return
  const thumbprint = request.socket && findCertificateThumbprint(request.socket)
  if (thumbprint !== undefined) facts.clientCertificate = thumbprint
}

/** SHA-256 of the DER certificate, base64url; undefined without TLS or a client certificate. */
function findCertificateThumbprint(socket: ServedSocket): string | undefined {
  const certificate = socket.getPeerX509Certificate?.()
  if (certificate === undefined) return undefined
  return createHash('sha256').update(certificate.raw).digest('base64url')
}
