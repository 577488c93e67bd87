import { isAscii } from 'node:buffer'

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Decodes UTF-8; `undefined` for bytes that are none. */
export function decodeText(bytes: Buffer): string | undefined {
  // Most of an export is ASCII, which takes a third of the time.
  if (isAscii(bytes)) return bytes.toString('latin1')
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
