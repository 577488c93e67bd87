import { LedgerError } from './errors.ts'

const INVALID = 64
const STANDARD = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const STANDARD_VALUES = invert(STANDARD)
const URL_SAFE_VALUES = invert(URL_SAFE)

/** Formats bytes as base64: standard alphabet, padded (RFC 4648 §4). */
export function formatBase64(bytes: Uint8Array): string {
  const text = encode(bytes, STANDARD)
  return text + '='.repeat((4 - (text.length % 4)) % 4)
}

/**
 * Parses base64 of the standard alphabet with padding. It takes only what {@link formatBase64}
 * produces: no whitespace, no missing padding, no spare bits.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_ENCODING_INVALID`
 */
export function parseBase64(text: string): Uint8Array {
  let end = text.length
  if (end % 4 !== 0) throw invalid('base64 must have a length that is a multiple of four')
  if (text.endsWith('==')) end -= 2
  else if (text.endsWith('=')) end -= 1
  return decode(text, end, STANDARD_VALUES)
}

/** Formats bytes as base64url without padding (RFC 7515 §2). */
export function formatBase64Url(bytes: Uint8Array): string {
  return encode(bytes, URL_SAFE)
}

/**
 * Parses base64url without padding, canonical form only.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_ENCODING_INVALID`
 */
export function parseBase64Url(text: string): Uint8Array {
  return decode(text, text.length, URL_SAFE_VALUES)
}

function encode(bytes: Uint8Array, alphabet: string): string {
  let text = ''
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i
    const group = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0)
    text += alphabet[group >> 18]! + alphabet[(group >> 12) & 63]!
    if (left > 1) text += alphabet[(group >> 6) & 63]!
    if (left > 2) text += alphabet[group & 63]!
  }
  return text
}

function decode(text: string, end: number, values: Uint8Array): Uint8Array {
  if (end % 4 === 1) throw invalid('base64 ends in the middle of a byte')
  const bytes = new Uint8Array((end * 3) >> 2)
  let bits = 0
  let held = 0
  let at = 0
  for (let i = 0; i < end; i++) {
    const value = values[text.charCodeAt(i)] ?? INVALID
    if (value === INVALID) throw invalid('base64 holds a character outside its alphabet')
    held = ((held << 6) | value) & 0xffff
    bits += 6
    if (bits >= 8) {
      bits -= 8
      bytes[at++] = held >> bits
    }
  }
  if ((held & ((1 << bits) - 1)) !== 0) throw invalid('base64 has spare bits that are not zero')
  return bytes
}

function invert(alphabet: string): Uint8Array {
  const values = new Uint8Array(128).fill(INVALID)
  for (let i = 0; i < alphabet.length; i++) values[alphabet.charCodeAt(i)] = i
  return values
}

function invalid(message: string): LedgerError {
  return new LedgerError('ERR_LEDGER_ENCODING_INVALID', message)
}
