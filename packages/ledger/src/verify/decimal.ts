/** Tells whether a text is a plain decimal integer of at most twenty digits. */
export function isDecimal(text: string): boolean {
  return /^(?:0|[1-9][0-9]{0,19})$/.test(text)
}
