/** A line of a file without its end, or a piece of one that is longer than the bound. */
export interface Line {
  /** From 1. */
  readonly number: number
  /** Valid until the next line is asked for. */
  readonly bytes: Buffer
  /** `whole`, or where in its line the piece stands. */
  readonly part: 'whole' | 'piece' | 'last-piece'
}

const NEWLINE = 0x0a

/**
 * Splits bytes at newlines, with never more than one line in memory. The last line may end without
 * one; an empty rest is no line.
 *
 * @param source - Chunks that are valid until the next one is asked for.
 * @param maxLineBytes - Longer lines come in pieces of at least this many bytes, but for the last.
 */
export async function* splitLines(
  source: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<Line> {
  let number = 1
  let isPiece = false
  const rest = new Rest()
  for await (const chunk of source) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const bytes = rest.join(chunk.subarray(start, end))
      yield { number: number++, bytes, part: isPiece ? 'last-piece' : 'whole' }
      isPiece = false
      start = end + 1
    }
    rest.add(chunk.subarray(start))
    if (rest.length > maxLineBytes) {
      yield { number, bytes: rest.join(NOTHING), part: 'piece' }
      isPiece = true
    }
  }
  if (rest.length > 0 || isPiece) {
    yield { number, bytes: rest.join(NOTHING), part: isPiece ? 'last-piece' : 'whole' }
  }
}

const NOTHING = Buffer.alloc(0)

/** The beginning of a line whose end is still to come, in one buffer for all lines. */
class Rest {
  #bytes: Buffer = NOTHING
  #length = 0

  get length(): number {
    return this.#length
  }

  add(bytes: Buffer): void {
    const length = this.#length + bytes.length
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    bytes.copy(this.#bytes, this.#length)
    this.#length = length
  }

  /** The line that ends with these bytes; nothing of it is kept. */
  join(bytes: Buffer): Buffer {
    if (this.#length === 0) return bytes
    this.add(bytes)
    const line = this.#bytes.subarray(0, this.#length)
    this.#length = 0
    return line
  }
}
