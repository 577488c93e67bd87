import { open } from 'node:fs/promises'

/** Bytes that are read of a file at once. */
const CHUNK_BYTES = 1024 * 1024

const NEWLINE = 0x0a

/** A part of a file: the lines that begin in `[start, end)`. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * Reads the lines of a file that begin in a range, whole: ranges that follow one another give every
 * line once. A chunk is valid until the next one is asked for.
 */
export async function* readRange(file: string, { start, end }: ByteRange): AsyncGenerator<Buffer> {
  if (start >= end) return
  // From the byte before on: if that ends a line, the range begins with one.
  let at = Math.max(0, start - 1)
  let isInside = start === 0
  for await (const bytes of readFrom(file, at)) {
    let from = 0
    if (!isInside) {
      const newline = bytes.indexOf(NEWLINE)
      from = newline < 0 ? bytes.length : newline + 1
      isInside = newline >= 0
      // The line that was passed over goes on beyond the range: no line begins in it.
      if (at + from > end || (isInside && at + from >= end)) return
    }
    const last = bytes.indexOf(NEWLINE, Math.max(from, end - 1 - at))
    const isLast = at + bytes.length >= end && last >= 0
    if (isInside) yield bytes.subarray(from, isLast ? last + 1 : undefined)
    if (isLast) return
    at += bytes.length
  }
}

/**
 * Reads a file from its beginning to its end, be it a pipe. A chunk is valid until the next one is
 * asked for: of a new buffer for each, half of the time goes into collecting garbage.
 */
export function readWhole(file: string): AsyncGenerator<Buffer> {
  return readFrom(file)
}

async function* readFrom(file: string, start?: number): AsyncGenerator<Buffer> {
  const handle = await open(file)
  try {
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
    for (let at = start; ;) {
      // A pipe has no places.
      const { bytesRead } = await handle.read(chunk, 0, CHUNK_BYTES, at ?? null)
      if (bytesRead === 0) return
      if (at !== undefined) at += bytesRead
      yield chunk.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}
