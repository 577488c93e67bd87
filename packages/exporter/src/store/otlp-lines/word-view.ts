/** Bytes are compared and copied eight at a time. */
export const WORD = 8

/** Bytes of a text of ASCII, with room behind them for a whole word. */
export function toView(text: string): DataView {
  const bytes = Buffer.alloc(text.length + WORD)
  bytes.write(text, 'latin1')
  return toDataView(bytes)
}

/** The view of a buffer. */
export function toDataView({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length)
}

/**
 * Compares bytes. A word is read as a double: those of ASCII are neither NaN nor a zero, so that
 * two are equal when their bits are; with other bytes it may say no to what is the same.
 */
export function isSame(
  a: DataView,
  aStart: number,
  b: DataView,
  bStart: number,
  length: number,
): boolean {
  const last = length - WORD
  if (last < 0) {
    for (let i = 0; i < length; i++) {
      if (a.getUint8(aStart + i) !== b.getUint8(bStart + i)) return false
    }
    return true
  }
  for (let i = 0; i < last; i += WORD) {
    if (a.getFloat64(aStart + i, true) !== b.getFloat64(bStart + i, true)) return false
  }
  // The last word begins within the one before.
  return a.getFloat64(aStart + last, true) === b.getFloat64(bStart + last, true)
}

/** Copies bytes of ASCII, in whole words: what it writes too much is overwritten by what follows. */
export function copy(
  from: DataView,
  start: number,
  to: DataView,
  at: number,
  length: number,
): void {
  for (let i = 0; i < length; i += WORD) {
    to.setFloat64(at + i, from.getFloat64(start + i, true), true)
  }
}
