import { FRAME_OVERHEAD_BYTES } from './frame.ts'

/** IEEE 802.3, reflected: the polynomial of the frames' CRC-32, and of gzip's. */
const POLYNOMIAL = 0xedb8_8320
const COMMA = 0x2c

/** Where the bytes of a frame begin that its CRC is taken over. */
const CRC_START = 8

/** Most lengths that powers are kept of; a log has some hundreds. */
const MAX_POWERS = 4_096

/**
 * Says which CRC-32 the wire bytes of frames have when they are joined by commas, from the CRC that
 * stands in each frame: nothing of them is read but their heads. If the joined bytes have that CRC,
 * every frame was whole; and it is a part of the CRC that gzip wants.
 *
 * CRC is linear over GF(2): appending `n` bytes multiplies what was there by x^8n modulo the
 * polynomial, as zlib's `crc32_combine` does.
 */
export class JoinedCrc {
  readonly #powers: Map<number, number> = new Map()
  readonly #table: Int32Array = createTable()

  /** Returns the CRC of two pieces behind one another, from that of each. */
  combine(first: number, second: number, secondLength: number): number {
    return (multiply(this.#power(secondLength), first) ^ second) >>> 0
  }

  /**
   * Appends a frame, and a comma before it unless it is the first.
   *
   * @param joined - CRC of what was joined so far; 0 for nothing.
   * @param offset - Of the frame in `buffer`.
   * @param length - Of its wire bytes.
   */
  append(joined: number, buffer: Buffer, offset: number, length: number, isFirst: boolean): number {
    const table = this.#table
    let before = 0
    if (!isFirst) {
      const state = ~joined
      before = ~((table[(state ^ COMMA) & 0xff] ?? 0) ^ (state >>> 8))
    }
    let head = -1
    for (let at = offset + CRC_START; at < offset + FRAME_OVERHEAD_BYTES; at++) {
      head = (table[(head ^ (buffer[at] ?? 0)) & 0xff] ?? 0) ^ (head >>> 8)
    }
    // What stands in the frame covers the head too, which is not sent: it is taken out again.
    const moved = multiply(this.#power(length), before ^ ~head)
    return (moved ^ buffer.readUInt32LE(offset + 4)) >>> 0
  }

  #power(bytes: number): number {
    const known = this.#powers.get(bytes)
    if (known !== undefined) return known
    if (this.#powers.size >= MAX_POWERS) this.#powers.clear()
    const power = powerOfX(bytes * 8)
    this.#powers.set(bytes, power)
    return power
  }
}

function createTable(): Int32Array {
  return Int32Array.from({ length: 256 }, (_, byte) => {
    let value = byte
    for (let bit = 0; bit < 8; bit++) value = halve(value)
    return value
  })
}

/** Multiplies by x: the highest bit is x^0. */
function halve(value: number): number {
  return (value & 1) === 0 ? value >>> 1 : (value >>> 1) ^ POLYNOMIAL
}

function multiply(one: number, other: number): number {
  let product = 0
  let shifted = other
  for (let rest = one; rest !== 0; rest <<= 1) {
    if (rest < 0) product ^= shifted
    shifted = halve(shifted)
  }
  return product
}

function powerOfX(exponent: number): number {
  // x^0, and x^1, x^2, x^4, … of the exponent's bits.
  let power = 0x8000_0000 | 0
  let square = 0x4000_0000
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) power = multiply(square, power)
    square = multiply(square, square)
  }
  return power
}
