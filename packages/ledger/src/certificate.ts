import { compactVerify, importJWK, type CompactVerifyResult, type JWK } from 'jose'
import { parseBase64Url } from './base64.ts'
import { LedgerError } from './errors.ts'
import { isKeyName } from './key.ts'

/** `typ` of a log certificate's protected header. */
export const CERTIFICATE_TYPE = 'log-cert+jwt'
/** `iss` of a certificate that the log's own process signed. */
export const SELF_ISSUED = 'self-issued'
/** Longest life of a certificate in seconds (24 hours). */
export const MAX_CERTIFICATE_SECONDS = 86_400

/** Claims of a log certificate; times are POSIX seconds. */
export interface CertificateClaims {
  readonly iss: string
  readonly iat: number
  readonly nbf: number
  /** At most 24 hours after `nbf`. */
  readonly exp: number
  /** Origin of the one log that the key may sign. */
  readonly log: string
  readonly cnf: {
    readonly jwk: { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }
  }
}

/** A certificate whose signature and claims hold. */
export interface Certificate {
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

/**
 * Verifies a log's certificate: a compact JWS, `typ: log-cert+jwt`, signed with Ed25519 by one of
 * the roots. Whether it was in force when something was signed is judged by its times, not here.
 *
 * @param roots - Public Ed25519 JWKs; the one with the header's `kid`, else each of them is tried.
 * @param log - Origin that the certificate must name.
 * @throws {@link LedgerError} `ERR_LEDGER_CERTIFICATE_INVALID`
 */
export async function verifyCertificate(
  certificate: string,
  roots: readonly JWK[],
  log: string,
): Promise<Certificate> {
  const { payload, protectedHeader } = await verifyWithAny(certificate, roots)
  if (protectedHeader.typ !== CERTIFICATE_TYPE) throw invalid(`"typ" is not "${CERTIFICATE_TYPE}"`)
  const claims = parseCertificateClaims(payload)
  if (claims.log !== log) throw invalid('it names another log')
  return {
    issuer: claims.iss,
    selfIssued: claims.iss === SELF_ISSUED,
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
 * @throws {@link LedgerError} `ERR_LEDGER_CERTIFICATE_INVALID`
 */
export function parseCertificateClaims(payload: Uint8Array): CertificateClaims {
  const claims = parseJsonObject(payload)
  const { iss, iat, nbf, exp, log } = claims
  if (typeof iss !== 'string') throw invalid('"iss" is missing')
  if (typeof log !== 'string' || !isKeyName(log) || log === 'cosignature/v1') {
    throw invalid('"log" is no origin of a log')
  }
  if (!isSeconds(iat) || !isSeconds(nbf) || !isSeconds(exp)) {
    throw invalid('"iat", "nbf" and "exp" must be whole seconds')
  }
  if (exp <= nbf || exp - nbf > MAX_CERTIFICATE_SECONDS) {
    throw invalid('it must live at most 24 hours from "nbf" to "exp"')
  }
  return { iss, iat, nbf, exp, log, cnf: { jwk: parseConfirmation(claims['cnf']) } }
}

function parseConfirmation(cnf: unknown): CertificateClaims['cnf']['jwk'] {
  const jwk = isObject(cnf) && isObject(cnf['jwk']) ? cnf['jwk'] : {}
  const { kty, crv, x } = jwk
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string' || !isRawKey(x)) {
    throw invalid('"cnf" must hold an Ed25519 public key')
  }
  return { kty, crv, x }
}

async function verifyWithAny(
  certificate: string,
  roots: readonly JWK[],
): Promise<CompactVerifyResult> {
  const kid = readKeyId(certificate)
  const named = roots.filter((root) => kid !== undefined && root.kid === kid)
  for (const root of named.length > 0 ? named : roots) {
    const result = await verifyWith(certificate, root)
    if (result !== undefined) return result
  }
  throw invalid('no trusted root has signed it')
}

async function verifyWith(
  certificate: string,
  root: JWK,
): Promise<CompactVerifyResult | undefined> {
  try {
    const { kty, crv, x } = root
    if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined) return undefined
    const key = await importJWK({ kty, crv, x }, 'EdDSA')
    return await compactVerify(certificate, key, { algorithms: ['Ed25519', 'EdDSA'] })
  } catch {
    return undefined
  }
}

function readKeyId(certificate: string): unknown {
  try {
    return parseJsonObject(parseBase64Url(certificate.split('.', 1)[0]!))['kid']
  } catch {
    return undefined
  }
}

function parseJsonObject(bytes: Uint8Array): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    throw invalid('it holds no JSON')
  }
  if (!isObject(value)) throw invalid('it holds no JSON object')
  return value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSeconds(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function isRawKey(x: string): boolean {
  try {
    return parseBase64Url(x).length === 32
  } catch {
    return false
  }
}

function invalid(what: string): LedgerError {
  return new LedgerError('ERR_LEDGER_CERTIFICATE_INVALID', `log certificate: ${what}`)
}
