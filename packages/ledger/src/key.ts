import { sha256 } from '#crypto'
import { formatBase64, parseBase64 } from './base64.ts'
import { concatBytes, encodeUtf8 } from './bytes.ts'
import { LedgerError } from './errors.ts'
import { formatHex } from './hex.ts'

/** Signature type of a plain Ed25519 note signature (C2SP signed-note). */
export const ED25519_TYPE = 0x01
/** Signature type of a timestamped Ed25519 cosignature (C2SP tlog-cosignature). */
export const COSIGNATURE_TYPE = 0x04

/** A named public key of the C2SP signed-note format. */
export interface VerifierKey {
  /** Key name: not empty, no Unicode space, no `+`. */
  readonly name: string
  /** First four bytes of `SHA-256(name || 0x0A || type || public key)`, as a number. */
  readonly id: number
  readonly type: number
  /** Raw public key, 32 bytes for the Ed25519 types. */
  readonly publicKey: Uint8Array
}

/** Tells whether a text may be a key name: not empty, no Unicode space, no `+`. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[\p{White_Space}+]/u.test(name)
}

/** Returns the key ID of a named public key: four bytes as a number (C2SP signed-note). */
export function keyId(name: string, type: number, publicKey: Uint8Array): number {
  const digest = sha256(concatBytes(encodeUtf8(name), Uint8Array.of(0x0a, type), publicKey))
  return new DataView(digest.buffer, digest.byteOffset, 4).getUint32(0)
}

/** Makes a verifier key of a name, a type and a raw public key. */
export function createVerifierKey(name: string, type: number, publicKey: Uint8Array): VerifierKey {
  if (!isKeyName(name)) throw new TypeError('"name" must not be empty or hold a space or "+"')
  return { name, id: keyId(name, type, publicKey), type, publicKey }
}

/** Formats a verifier key: `<name>+<hex id>+<base64 of type and public key>`. */
export function formatVerifierKey(key: VerifierKey): string {
  const id = key.id.toString(16).padStart(8, '0')
  return `${key.name}+${id}+${formatBase64(concatBytes(Uint8Array.of(key.type), key.publicKey))}`
}

/**
 * Parses a verifier key of type `0x01` or `0x04`. Inverse of {@link formatVerifierKey}.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_KEY_MALFORMED`
 */
export function parseVerifierKey(text: string): VerifierKey {
  const match = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(text)
  if (match === null || !isKeyName(match[1]!)) throw malformed('has not the form name+id+key')
  const bytes = parseKeyBytes(match[3]!)
  const type = bytes[0]
  if (type !== ED25519_TYPE && type !== COSIGNATURE_TYPE) throw malformed('has an unknown type')
  if (bytes.length !== 33) throw malformed('has not 32 bytes of public key')
  const key = createVerifierKey(match[1]!, type, bytes.subarray(1))
  if (formatHex(toIdBytes(key.id)) !== match[2]) throw malformed('has an id that does not fit')
  return key
}

/** Returns a key ID as its four bytes. */
export function toIdBytes(id: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, id)
  return bytes
}

function parseKeyBytes(text: string): Uint8Array {
  try {
    return parseBase64(text)
  } catch (error) {
    throw malformed('is not base64', { cause: error })
  }
}

function malformed(what: string, options?: ErrorOptions): LedgerError {
  return new LedgerError('ERR_LEDGER_KEY_MALFORMED', `verifier key ${what}`, options)
}
