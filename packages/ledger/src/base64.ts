import { decodeBase64, encodeBase64, type Base64Alphabet } from '#crypto'
import { LedgerError } from './errors.ts'

/** Formats bytes as base64: standard alphabet, padded (RFC 4648 §4). */
export function formatBase64(bytes: Uint8Array): string {
  return encodeBase64(bytes, 'base64')
}

/**
 * Parses base64 of the standard alphabet with padding. It takes only what {@link formatBase64}
 * produces: no whitespace, no missing padding, no spare bits.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_ENCODING_INVALID`
 */
export function parseBase64(text: string): Uint8Array {
  return parse(text, 'base64')
}

/** Formats bytes as base64url without padding (RFC 7515 §2). */
export function formatBase64Url(bytes: Uint8Array): string {
  return encodeBase64(bytes, 'base64url')
}

/**
 * Parses base64url without padding, canonical form only.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_ENCODING_INVALID`
 */
export function parseBase64Url(text: string): Uint8Array {
  return parse(text, 'base64url')
}

/** What takes more than one form gives, written again, only one of them. */
function parse(text: string, alphabet: Base64Alphabet): Uint8Array {
  const bytes = decodeBase64(text, alphabet)
  if (encodeBase64(bytes, alphabet) === text) return bytes
  throw new LedgerError('ERR_LEDGER_ENCODING_INVALID', `${alphabet} is not in its canonical form`)
}
