/** Records per chunk, as a power of two. */
export const CHUNK_BITS = 14
/** Records per chunk: the unit in which postings are sealed, combined and skipped. */
export const CHUNK_RECORDS: number = 2 ** CHUNK_BITS

/** One bit per record of a chunk, `CHUNK_RECORDS / 32` words. */
export type Bitmap = Uint32Array

const WORDS = CHUNK_RECORDS / 32
const BITMAP_BYTES = CHUNK_RECORDS / 8

/** Makes a bitmap with no bit set. */
export function createBitmap(): Bitmap {
  return new Uint32Array(WORDS)
}

/** Makes a bitmap whose first `count` bits are set. */
export function buildFullBitmap(count: number): Bitmap {
  const bitmap = createBitmap()
  bitmap.fill(0xffffffff, 0, count >>> 5)
  if (count % 32 !== 0) bitmap[count >>> 5] = 2 ** (count % 32) - 1
  return bitmap
}

/** Sets the bit of one offset. */
export function setBit(bitmap: Bitmap, offset: number): void {
  bitmap[offset >>> 5]! |= 1 << (offset & 31)
}

/**
 * Encodes ascending offsets of one chunk: a list of 16-bit numbers, or, where it is shorter, the
 * bitmap itself. The two differ in length, so no tag is needed. Byte order is the machine's: a
 * store is not moved between machines of different byte order.
 */
export function encodePostings(offsets: readonly number[]): Uint8Array {
  if (offsets.length * 2 < BITMAP_BYTES) return new Uint8Array(Uint16Array.from(offsets).buffer)
  const bitmap = createBitmap()
  for (const offset of offsets) setBit(bitmap, offset)
  return new Uint8Array(bitmap.buffer)
}

/** Adds what {@link encodePostings} wrote to a bitmap. */
export function orPostings(bitmap: Bitmap, bytes: Uint8Array): void {
  const aligned = bytes.slice().buffer
  if (bytes.length === BITMAP_BYTES) {
    const words = new Uint32Array(aligned)
    for (let at = 0; at < WORDS; at += 1) bitmap[at]! |= words[at]!
    return
  }
  for (const offset of new Uint16Array(aligned)) setBit(bitmap, offset)
}

/** Keeps in `bitmap` only the bits that `other` has too. */
export function andBitmap(bitmap: Bitmap, other: Bitmap): void {
  for (let at = 0; at < WORDS; at += 1) bitmap[at]! &= other[at]!
}

/** Clears in `bitmap` the bits that `other` has. */
export function andNotBitmap(bitmap: Bitmap, other: Bitmap): void {
  for (let at = 0; at < WORDS; at += 1) bitmap[at]! &= ~other[at]!
}

/** Counts the bits that are set. */
export function countBits(bitmap: Bitmap): number {
  let count = 0
  for (let at = 0; at < WORDS; at += 1) {
    let word = bitmap[at]!
    word -= (word >>> 1) & 0x55555555
    word = (word & 0x33333333) + ((word >>> 2) & 0x33333333)
    count += (((word + (word >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24
  }
  return count
}

/** Calls `visit` with each offset that is set, the last one first; stops when it returns false. */
export function eachOffsetDescending(bitmap: Bitmap, visit: (offset: number) => boolean): void {
  for (let at = WORDS - 1; at >= 0; at -= 1) {
    let word = bitmap[at]!
    while (word !== 0) {
      const bit = 31 - Math.clz32(word)
      if (!visit(at * 32 + bit)) return
      word = (word & ~(1 << bit)) >>> 0
    }
  }
}
