/** Keeps the last lines of a stream, bounded in number and length. */
export interface LineTail {
  /** Takes one line. */
  readonly add: (line: string) => void
  /** The lines that are kept, oldest first. */
  readonly lines: () => readonly string[]
}

const MAX_LINE_CHARACTERS = 2_000

/** Creates a tail of at most `maxLines` lines of at most 2,000 characters. */
export function createLineTail(maxLines: number): LineTail {
  const kept: string[] = []
  return {
    add: (line) => {
      if (kept.length === maxLines) kept.shift()
      kept.push(line.slice(0, MAX_LINE_CHARACTERS))
    },
    lines: () => [...kept],
  }
}
