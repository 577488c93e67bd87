import {
  COSIGNATURE_TYPE,
  createVerifierKey,
  ED25519_TYPE,
  keyId,
  openNote,
  parseCheckpoint,
  verifyCertificate,
  type Certificate,
} from '@tokentrail/ledger'
import type { LogCertificate } from '../api-types.ts'
import type { RootKey } from './root-key.ts'

/** A signed head of a log whose certificate and note were checked. */
export interface SignedHead {
  readonly root: Uint8Array
  /** Signed note (C2SP). */
  readonly note: string
  /** POSIX seconds of the cosignature. */
  readonly signedAt: bigint | null
  readonly certificate: Certificate
}

/**
 * Checks a log's certificate against the roots, and a head's note against the certificate.
 *
 * @param open - Text of record 0.
 * @param checkpoint - Text of the checkpoint record.
 * @throws LedgerError when either does not hold.
 */
export async function openSignedHead(
  origin: string,
  open: string,
  checkpoint: string,
  roots: readonly RootKey[],
): Promise<SignedHead> {
  const jws = readMember(open, 'certificate')
  const note = readMember(checkpoint, 'note')
  const certificate = await verifyCertificate(jws, roots, origin)
  const keys = [ED25519_TYPE, COSIGNATURE_TYPE].map((type) =>
    createVerifierKey(origin, type, certificate.publicKey),
  )
  const { text, verified } = openNote(note, keys)
  const signedAt = verified.find(({ timestamp }) => timestamp !== undefined)?.timestamp ?? null
  return { root: parseCheckpoint(text).root, note, signedAt, certificate }
}

/** Tells what the viewer shows of a certificate. */
export function toLogCertificate(certificate: Certificate): LogCertificate {
  const { issuer, log, notBefore, expires, publicKey, selfIssued } = certificate
  return {
    issuer,
    // The id under which the note's signature line names the key (C2SP signed-note).
    keyId: keyId(log, ED25519_TYPE, publicKey).toString(16).padStart(8, '0'),
    notBefore: toIso(notBefore),
    notAfter: toIso(expires),
    selfIssued,
  }
}

function readMember(text: string, name: string): string {
  const value = (JSON.parse(text) as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' ? value : ''
}

function toIso(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
