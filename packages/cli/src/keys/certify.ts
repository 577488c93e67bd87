import {
  issueIssuerCertificate,
  issueRegistryCertificate,
  type SigningJwk,
  type SigningKey,
} from '@tokentrail/exporter'
import type { IssuerUse } from '@tokentrail/ledger'
import { toPublicKey, type RegistryJwk } from './key-set.ts'

const YEAR_SECONDS = 31_536_000
/** Life of the certificate of an issuing key: long enough to be rotated once a year. */
const ISSUER_SECONDS = 400 * 86_400
/** Life of the registry's certificate. Its key lasts; the certificate can be renewed. */
const REGISTRY_SECONDS = 9 * YEAR_SECONDS

/** By whom and when something is certified. */
export interface Certifier {
  readonly root: SigningKey
  /** Name of the deployment. */
  readonly name: string
  /** POSIX seconds. */
  readonly now: number
}

/** Certifies an issuing key by the root. */
export function certifyIssuer(
  jwk: SigningJwk,
  use: IssuerUse,
  { root, name, now }: Certifier,
): SigningJwk {
  const claims = { issuer: name, publicKey: toPublicKey(jwk), issuedAt: now }
  const certificate = issueIssuerCertificate(
    { ...claims, use, expires: now + ISSUER_SECONDS },
    root,
  )
  return { ...withoutCertificate(jwk), certificate }
}

/** Certifies the registry's key by the root. */
export function certifyRegistry(
  jwk: SigningJwk,
  origin: string,
  { root, name, now }: Certifier,
): RegistryJwk {
  const claims = { issuer: name, publicKey: toPublicKey(jwk), issuedAt: now }
  const certificate = issueRegistryCertificate(
    { ...claims, log: origin, expires: now + REGISTRY_SECONDS },
    root,
  )
  return { ...withoutCertificate(jwk), certificate, origin }
}

/** Claims of a certificate that somebody else has checked or will check. */
export function readClaims(certificate: unknown): Readonly<Record<string, unknown>> {
  if (typeof certificate !== 'string') return {}
  try {
    const payload = Buffer.from(certificate.split('.')[1] ?? '', 'base64url').toString('utf8')
    const value: unknown = JSON.parse(payload)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function withoutCertificate({ kty, crv, x, d, kid }: SigningJwk): SigningJwk {
  return { kty, crv, x, d, kid }
}
