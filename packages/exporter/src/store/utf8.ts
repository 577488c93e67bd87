import { isAscii, isUtf8 } from 'node:buffer'

/** Decodes UTF-8; `undefined` for bytes that are none. */
export function decodeText(bytes: Buffer): string | undefined {
  // Most of an export is ASCII, which takes a third of the time.
  if (isAscii(bytes)) return bytes.toString('latin1')
  return isUtf8(bytes) ? bytes.toString('utf8') : undefined
}
