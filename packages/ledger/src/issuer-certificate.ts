import { compactVerify, importJWK, type CompactVerifyResult, type JWK } from 'jose'
import { parseBase64Url } from './base64.ts'
import { LedgerError } from './errors.ts'

/** `typ` of the certificate of a key that issues certificates. */
export const ISSUER_CERTIFICATE_TYPE = 'issuer-cert+jwt'
/** Longest life of an issuer's or a registry's certificate in seconds (ten years). */
export const MAX_ISSUER_SECONDS = 316_224_000

/**
 * What an issuing key may issue: `endpoint` log certificates, held by a signing endpoint alone;
 * `mounted` log certificates, held by the services themselves, so that any of them could back-date
 * a log; `erasure` certificates of logs that erase.
 */
export type IssuerUse = 'endpoint' | 'mounted' | 'erasure'

/** Claims of an issuer's certificate; times are POSIX seconds. */
export interface IssuerClaims {
  readonly iss: string
  readonly iat: number
  readonly nbf: number
  /** At most ten years after `nbf`. */
  readonly exp: number
  readonly use: IssuerUse
  readonly cnf: { readonly jwk: ConfirmedKey }
}

/** The public key that a certificate speaks of. */
export interface ConfirmedKey {
  readonly kty: 'OKP'
  readonly crv: 'Ed25519'
  readonly x: string
}

const USES: readonly unknown[] = ['endpoint', 'mounted', 'erasure'] satisfies IssuerUse[]

/**
 * Verifies the certificate of an issuing key: a compact JWS, `typ: issuer-cert+jwt`, signed with
 * Ed25519 by one of the roots.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_CERTIFICATE_INVALID`
 */
export async function verifyIssuerCertificate(
  certificate: string,
  roots: readonly JWK[],
): Promise<IssuerClaims> {
  const { payload, protectedHeader } = await verifyWithRoots(certificate, roots)
  if (protectedHeader.typ !== ISSUER_CERTIFICATE_TYPE) {
    throw invalid(`its issuer's "typ" is not "${ISSUER_CERTIFICATE_TYPE}"`)
  }
  return parseIssuerClaims(payload)
}

/**
 * Parses the claims of an issuer's certificate and checks their form and bounds; whoever signs one
 * calls it on what it is about to sign.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_CERTIFICATE_INVALID`
 */
export function parseIssuerClaims(payload: Uint8Array): IssuerClaims {
  const claims = parseClaims(payload, MAX_ISSUER_SECONDS)
  const { use } = claims.all
  if (!USES.includes(use)) throw invalid('"use" of its issuer is none that is known')
  const { iss, iat, nbf, exp, jwk } = claims
  return { iss, iat, nbf, exp, use: use as IssuerUse, cnf: { jwk } }
}

/** The claims that every certificate has. */
export interface CommonClaims {
  readonly iss: string
  readonly iat: number
  readonly nbf: number
  readonly exp: number
  readonly jwk: ConfirmedKey
  /** Every claim as it stands. */
  readonly all: { readonly [name: string]: unknown }
}

/** Parses what the claims of every certificate have in common. */
export function parseClaims(payload: Uint8Array, maxSeconds: number): CommonClaims {
  const all = parseJsonObject(payload)
  const { iss, iat, nbf, exp } = all
  if (typeof iss !== 'string') throw invalid('"iss" is missing')
  if (!isSeconds(iat) || !isSeconds(nbf) || !isSeconds(exp)) {
    throw invalid('"iat", "nbf" and "exp" must be whole seconds')
  }
  if (exp <= nbf || exp - nbf > maxSeconds) {
    throw invalid(`it must live at most ${maxSeconds / 3600} hours from "nbf" to "exp"`)
  }
  return { iss, iat, nbf, exp, jwk: parseConfirmation(all['cnf']), all }
}

/**
 * Verifies a compact JWS with the root that its `kid` names, else with each of them.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_CERTIFICATE_INVALID`
 */
export async function verifyWithRoots(
  certificate: string,
  roots: readonly JWK[],
): Promise<CompactVerifyResult> {
  const { kid } = readHeader(certificate)
  const named = roots.filter((root) => kid !== undefined && root.kid === kid)
  for (const root of named.length > 0 ? named : roots) {
    const result = await verifyWith(certificate, root)
    if (result !== undefined) return result
  }
  throw invalid('no trusted root has signed it')
}

/** Verifies a compact JWS with one Ed25519 key; `undefined` when it is not signed by it. */
export async function verifyWith(
  certificate: string,
  key: JWK,
): Promise<CompactVerifyResult | undefined> {
  try {
    const { kty, crv, x } = key
    if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined) return undefined
    const imported = await importJWK({ kty, crv, x }, 'EdDSA')
    return await compactVerify(certificate, imported, { algorithms: ['Ed25519', 'EdDSA'] })
  } catch {
    return undefined
  }
}

/** Reads a compact JWS's header without checking anything; empty when it has none. */
export function readHeader(certificate: string): { readonly [name: string]: unknown } {
  try {
    return parseJsonObject(parseBase64Url(certificate.split('.', 1)[0]!))
  } catch {
    return {}
  }
}

/** Makes the error of a certificate. */
export function invalid(what: string): LedgerError {
  return new LedgerError('ERR_LEDGER_CERTIFICATE_INVALID', `log certificate: ${what}`)
}

function parseConfirmation(cnf: unknown): ConfirmedKey {
  const jwk = isObject(cnf) && isObject(cnf['jwk']) ? cnf['jwk'] : {}
  const { kty, crv, x } = jwk
  if (kty !== 'OKP' || crv !== 'Ed25519' || typeof x !== 'string' || !isRawKey(x)) {
    throw invalid('"cnf" must hold an Ed25519 public key')
  }
  return { kty, crv, x }
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
