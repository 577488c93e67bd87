const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** Finds where the JSON object ends that begins at `at`: behind its brace, or -1 for no end. */
export function findObjectEnd(line: Buffer, at: number): number {
  if (line[at] !== OPEN_BRACE) return -1
  let depth = 0
  for (let i = at; i < line.length; i++) {
    const byte = line[i]!
    if (byte === QUOTE) {
      i = line.indexOf(QUOTE, i + 1)
      while (i > 0 && isEscaped(line, i)) i = line.indexOf(QUOTE, i + 1)
      if (i < 0) return -1
    } else if (byte === OPEN_BRACE) depth++
    else if (byte === CLOSE_BRACE && --depth === 0) return i + 1
  }
  return -1
}

function isEscaped(line: Buffer, at: number): boolean {
  let start = at
  while (line[start - 1] === BACKSLASH) start--
  return (at - start) % 2 === 1
}
