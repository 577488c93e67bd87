import { LedgerError } from './errors.ts'

/** Formats bytes as lower-case hex. */
export function formatHex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0')
  return text
}

/**
 * Parses lower-case hex, the only form that {@link formatHex} produces.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_ENCODING_INVALID`
 */
export function parseHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/.test(text)) {
    throw new LedgerError('ERR_LEDGER_ENCODING_INVALID', 'hex must be pairs of 0-9 and a-f')
  }
  const bytes = new Uint8Array(text.length / 2)
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = Number.parseInt(text.slice(2 * i, 2 * i + 2), 16)
  }
  return bytes
}
