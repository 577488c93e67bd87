const BEYOND_ASCII = /[\u0080-\uffff]/

/** Counts the bytes of a well-formed string in UTF-8. */
export function utf8Length(text: string): number {
  let bytes = text.length
  // A search runs in native code: a checkpoint's 8,000 characters would take 100 µs otherwise.
  if (!BEYOND_ASCII.test(text)) return bytes
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    // A surrogate pair is two units and four bytes, so each half counts one byte more, as U+0080–07FF do.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes
}

/** Cuts a well-formed string to at most `maxBytes` bytes of UTF-8, never inside a character. */
export function cutUtf8(text: string, maxBytes: number): string {
  if (text.length * 3 <= maxBytes) return text
  let bytes = 0
  let end = 0
  for (const character of text) {
    bytes += utf8Length(character)
    if (bytes > maxBytes) return text.slice(0, end)
    end += character.length
  }
  return text
}
