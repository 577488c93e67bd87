const MAX_DIGITS = 20

/** Tells whether a text is a plain decimal integer of at most twenty digits. */
export function isDecimal(text: string): boolean {
  const { length } = text
  if (length === 0 || length > MAX_DIGITS || (length > 1 && text.startsWith('0'))) return false
  for (let i = 0; i < length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x30 || code > 0x39) return false
  }
  return true
}
