/** A line of a file, without its end. */
export interface Line {
  /** From 1. */
  readonly number: number
  /** `undefined` for a line that is longer than the bound. */
  readonly bytes: Buffer | undefined
}

const NEWLINE = 0x0a

/**
 * Splits bytes at newlines, with never more than one line in memory. The last line may end without
 * one; an empty rest is no line.
 *
 * @param maxLineBytes - Longer lines are given without their bytes.
 */
export async function* splitLines(
  source: AsyncIterable<Buffer>,
  maxLineBytes: number,
): AsyncGenerator<Line> {
  let number = 1
  let parts: Buffer[] = []
  let length = 0
  const collect = (part: Buffer) => {
    length += part.length
    if (length <= maxLineBytes) parts.push(part)
    else parts = []
  }
  const finish = (): Line => {
    const line = { number: number++, bytes: length > maxLineBytes ? undefined : joined(parts) }
    parts = []
    length = 0
    return line
  }
  for await (const chunk of source) {
    let start = 0
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      collect(chunk.subarray(start, end))
      start = end + 1
      yield finish()
    }
    collect(chunk.subarray(start))
  }
  if (length > 0) yield finish()
}

function joined(parts: readonly Buffer[]): Buffer {
  const [only] = parts
  return parts.length === 1 && only ? only : Buffer.concat(parts)
}
