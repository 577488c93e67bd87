import { type KeyObject, sign } from 'node:crypto'
import type { SigningKey } from './key-files.ts'

/** What a certificate says. */
export interface CertificateClaims {
  /** Origin of the one log that the key may sign. */
  readonly log: string
  /** Public part of the log's key. */
  readonly publicKey: KeyObject
  /** When it is issued, in whole seconds since 1970 UTC. */
  readonly issuedAt: number
}

/** How long a certificate holds, in seconds: 24 hours, the most that verifiers accept. */
const CERTIFICATE_SECONDS = 86_400

/**
 * How long before its issue a certificate already holds, in seconds, so that a clock that is set
 * back a little does not put records outside of it.
 */
const CLOCK_TOLERANCE_SECONDS = 300

/**
 * Issues a log's certificate: a compact JWS (RFC 7515, alg `Ed25519` of RFC 9864) with `typ`
 * `log-cert+jwt`. The key that signs it was made by this installation, so `iss` says `self-issued`.
 * It is signed synchronously, because it stands in record 0, which precedes the first request.
 */
export function issueCertificate(claims: CertificateClaims, issuer: SigningKey): string {
  const { crv, kty, x } = claims.publicKey.export({ format: 'jwk' })
  const notBefore = claims.issuedAt - CLOCK_TOLERANCE_SECONDS
  const header = { alg: 'Ed25519', typ: 'log-cert+jwt', kid: issuer.id }
  const payload = {
    iss: 'self-issued',
    log: claims.log,
    iat: claims.issuedAt,
    nbf: notBefore,
    exp: notBefore + CERTIFICATE_SECONDS,
    cnf: { jwk: { crv, kty, x } },
  }
  const signed = `${encodePart(header)}.${encodePart(payload)}`
  return `${signed}.${sign(null, Buffer.from(signed), issuer.privateKey).toString('base64url')}`
}

function encodePart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
