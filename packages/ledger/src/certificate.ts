import type { JWK } from 'jose'
import { parseBase64Url } from './base64.ts'
import {
  invalid,
  MAX_ISSUER_SECONDS,
  parseClaims,
  readHeader,
  verifyIssuerCertificate,
  verifyWith,
  verifyWithRoots,
  type ConfirmedKey,
  type IssuerClaims,
  type IssuerUse,
} from './issuer-certificate.ts'
import { isKeyName } from './key.ts'

/** `typ` of a log certificate's protected header. */
export const CERTIFICATE_TYPE = 'log-cert+jwt'
/** `typ` of the certificate of a log that erases; `subject.erased` counts in no other. */
export const ERASURE_CERTIFICATE_TYPE = 'erasure-cert+jwt'
/** `typ` of the certificate of a deployment's registry, whose log and key last. */
export const REGISTRY_CERTIFICATE_TYPE = 'registry-cert+jwt'
/** `iss` of a certificate that the log's own process signed. */
export const SELF_ISSUED = 'self-issued'
/** Longest life of a certificate in seconds (24 hours). */
export const MAX_CERTIFICATE_SECONDS = 86_400

/** What a log is for, as its certificate says. */
export type CertificateKind = 'log' | 'erasure' | 'registry'

/** Claims of a log certificate; times are POSIX seconds. */
export interface CertificateClaims {
  readonly iss: string
  readonly iat: number
  readonly nbf: number
  /** At most 24 hours after `nbf`; of a registry's at most ten years. */
  readonly exp: number
  /** Origin of the one log that the key may sign. */
  readonly log: string
  readonly cnf: { readonly jwk: ConfirmedKey }
}

/** A certificate whose signature and claims hold. */
export interface Certificate {
  readonly kind: CertificateKind
  readonly issuer: string
  readonly selfIssued: boolean
  /** First POSIX second of its life. */
  readonly notBefore: number
  /** First POSIX second after its life. */
  readonly expires: number
  readonly log: string
  /** Raw Ed25519 key of the log, 32 bytes. */
  readonly publicKey: Uint8Array
}

const KINDS: ReadonlyMap<string, CertificateKind> = new Map([
  [CERTIFICATE_TYPE, 'log'],
  [ERASURE_CERTIFICATE_TYPE, 'erasure'],
  [REGISTRY_CERTIFICATE_TYPE, 'registry'],
])

/** What the issuer of each kind must be certified for; a registry's is signed by the root alone. */
const ISSUER_USES: { readonly [kind in CertificateKind]: readonly IssuerUse[] } = {
  log: ['endpoint', 'mounted'],
  erasure: ['erasure'],
  registry: [],
}

/** Issuers whose certificates were verified under some roots, by certificate. */
export type KnownIssuers = Map<string, Promise<IssuerClaims>>

/**
 * Verifies a log's certificate: a compact JWS signed with Ed25519 by one of the roots, or by an
 * issuer whose own certificate stands in its header (`chain`, one compact JWS) and is signed by one
 * of them. Its `typ` says what the log is for. Whether it was in force when something was signed is
 * judged by its times, not here.
 *
 * @param roots - Public Ed25519 JWKs; the one with the header's `kid`, else each of them is tried.
 * @param log - Origin that the certificate must name.
 * @param issuers - Keeps what was verified under the same roots: the logs of a deployment have one
 *   issuer. Default is to keep nothing.
 * @throws {@link LedgerError} `ERR_LEDGER_CERTIFICATE_INVALID`
 */
export async function verifyCertificate(
  certificate: string,
  roots: readonly JWK[],
  log: string,
  issuers: KnownIssuers = new Map(),
): Promise<Certificate> {
  const chain = await verifyChain(certificate, roots, issuers)
  const { payload, typ, use, nbf = 0, exp = Infinity } = chain
  const kind = KINDS.get(typ ?? '')
  if (kind === undefined) throw invalid(`"typ" is not "${CERTIFICATE_TYPE}"`)
  if (use !== undefined && !ISSUER_USES[kind].includes(use)) {
    throw invalid(`its issuer may not sign a "${typ}"`)
  }
  const claims = parseCertificateClaims(payload, kind)
  if (claims.log !== log) throw invalid('it names another log')
  if (claims.nbf < nbf || claims.nbf >= exp) throw invalid('its issuer was not in force')
  return {
    kind,
    issuer: claims.iss,
    selfIssued: claims.iss === SELF_ISSUED || use === 'mounted',
    notBefore: claims.nbf,
    expires: claims.exp,
    log,
    publicKey: parseBase64Url(claims.cnf.jwk.x),
  }
}

/**
 * Parses the claims of a certificate and checks their form and bounds; whoever signs one calls it
 * on what it is about to sign.
 *
 * @param kind - A registry's certificate may live for ten years. Default is `log`.
 * @throws {@link LedgerError} `ERR_LEDGER_CERTIFICATE_INVALID`
 */
export function parseCertificateClaims(
  payload: Uint8Array,
  kind: CertificateKind = 'log',
): CertificateClaims {
  const bound = kind === 'registry' ? MAX_ISSUER_SECONDS : MAX_CERTIFICATE_SECONDS
  const { iss, iat, nbf, exp, jwk, all } = parseClaims(payload, bound)
  const { log } = all
  if (typeof log !== 'string' || !isKeyName(log) || log === 'cosignature/v1') {
    throw invalid('"log" is no origin of a log')
  }
  return { iss, iat, nbf, exp, log, cnf: { jwk } }
}

interface VerifiedChain {
  readonly payload: Uint8Array
  readonly typ: string | undefined
  /** Of an issuer between root and certificate: what it may sign, and when. */
  readonly use?: IssuerUse
  readonly nbf?: number
  readonly exp?: number
}

async function verifyChain(
  certificate: string,
  roots: readonly JWK[],
  issuers: KnownIssuers,
): Promise<VerifiedChain> {
  const { chain } = readHeader(certificate)
  if (chain === undefined) {
    const { payload, protectedHeader } = await verifyWithRoots(certificate, roots)
    return { payload, typ: protectedHeader.typ }
  }
  const [encoded, ...others]: readonly unknown[] = Array.isArray(chain) ? chain : []
  if (typeof encoded !== 'string' || others.length > 0) {
    throw invalid('"chain" must hold one issuer certificate')
  }
  const issuer = issuers.get(encoded) ?? verifyIssuerCertificate(encoded, roots)
  issuers.set(encoded, issuer)
  const { use, nbf, exp, cnf } = await issuer
  const verified = await verifyWith(certificate, cnf.jwk)
  if (verified === undefined) throw invalid('the issuer that it names has not signed it')
  return { payload: verified.payload, typ: verified.protectedHeader.typ, use, nbf, exp }
}
