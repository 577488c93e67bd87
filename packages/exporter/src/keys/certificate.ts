import { type KeyObject, sign } from 'node:crypto'
import {
  CERTIFICATE_TYPE,
  ISSUER_CERTIFICATE_TYPE,
  type IssuerUse,
  REGISTRY_CERTIFICATE_TYPE,
  SELF_ISSUED,
} from '@tokentrail/ledger'
import type { SigningKey } from './key-files.ts'

/** What a certificate says. */
export interface CertificateClaims {
  /** Origin of the one log that the key may sign. */
  readonly log: string
  /** Public part of the log's key. */
  readonly publicKey: KeyObject
  /** When it is issued, in whole seconds since 1970 UTC. */
  readonly issuedAt: number
  /** Who issues it. Default is `self-issued`: the log's own process. */
  readonly issuer?: string
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
 * `log-cert+jwt`, or what the key's own `certificateType` says; an issuer that a root has certified
 * puts that certificate into the header (`chain`). It is signed synchronously, because it stands in
 * record 0, which precedes the first request.
 */
export function issueCertificate(claims: CertificateClaims, issuer: SigningKey): string {
  const notBefore = claims.issuedAt - CLOCK_TOLERANCE_SECONDS
  const payload = {
    iss: claims.issuer ?? SELF_ISSUED,
    log: claims.log,
    iat: claims.issuedAt,
    nbf: notBefore,
    exp: notBefore + CERTIFICATE_SECONDS,
    cnf: { jwk: toPublicJwk(claims.publicKey) },
  }
  return signCompact(issuer.certificateType ?? CERTIFICATE_TYPE, payload, issuer)
}

/** What the certificate of a lasting key says; times are POSIX seconds. */
export interface LastingClaims {
  /** Name of the deployment, or of whoever holds the root. */
  readonly issuer: string
  readonly publicKey: KeyObject
  readonly issuedAt: number
  /** At most ten years after {@link issuedAt}. */
  readonly expires: number
}

/** Issues the certificate of a key that issues certificates itself: `typ` `issuer-cert+jwt`. */
export function issueIssuerCertificate(
  claims: LastingClaims & { readonly use: IssuerUse },
  root: SigningKey,
): string {
  return signCompact(ISSUER_CERTIFICATE_TYPE, { ...toPayload(claims), use: claims.use }, root)
}

/** Issues the certificate of a deployment's registry: `typ` `registry-cert+jwt`. */
export function issueRegistryCertificate(
  claims: LastingClaims & { readonly log: string },
  root: SigningKey,
): string {
  return signCompact(REGISTRY_CERTIFICATE_TYPE, { ...toPayload(claims), log: claims.log }, root)
}

function toPayload({ issuer, publicKey, issuedAt, expires }: LastingClaims): object {
  return {
    iss: issuer,
    iat: issuedAt,
    nbf: issuedAt - CLOCK_TOLERANCE_SECONDS,
    exp: expires - CLOCK_TOLERANCE_SECONDS,
    cnf: { jwk: toPublicJwk(publicKey) },
  }
}

function signCompact(typ: string, payload: object, issuer: SigningKey): string {
  const { id: kid, chain, privateKey } = issuer
  const header = { alg: 'Ed25519', typ, kid, ...(chain !== undefined && { chain: [chain] }) }
  const signed = `${encodePart(header)}.${encodePart(payload)}`
  return `${signed}.${sign(null, Buffer.from(signed), privateKey).toString('base64url')}`
}

function toPublicJwk(key: KeyObject): object {
  const { crv, kty, x } = key.export({ format: 'jwk' })
  return { crv, kty, x }
}

function encodePart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
