/** A line of a file without its end, or a piece of one that is longer than the bound. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly bytes: Buffer
  /** `whole`, or where in its line the piece stands. */
  readonly part: 'whole' | 'piece' | 'last-piece'
}

const NEWLINE = 0x0a

/**
 * Splits bytes at newlines, with never more than one line in memory. The last line may end without
 * one; an empty rest is no line.
 *
 * @param maxLineBytes - Longer lines come in pieces of at least this many bytes, but for the last.
 */
export async function* splitLines(
  source: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<Line> {
  let number = 1
  let parts: Buffer[] = []
  let length = 0
  let isPiece = false
  const finish = (): Line => {
    const line = { number: number++, bytes: joined(parts), part: isPiece ? 'last-piece' : 'whole' }
    parts = []
    length = 0
    isPiece = false
    return line as Line
  }
  const collect = (part: Buffer): void => {
    length += part.length
    parts.push(part)
  }
  for await (const chunk of source) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      collect(chunk.subarray(start, end))
      start = end + 1
      yield finish()
    }
    collect(chunk.subarray(start))
    if (length > maxLineBytes) {
      yield { number, bytes: joined(parts), part: 'piece' }
      parts = []
      length = 0
      isPiece = true
    }
  }
  if (length > 0 || isPiece) yield finish()
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts
  return parts.length === 1 && only ? only : Buffer.concat(parts)
}
