/** What a command may touch of the process that runs it. */
export interface Io {
  /** Writes text to standard output, as it is. */
  out(text: string): void
  /** Writes one line to standard error. */
  err(line: string): void
  /** Reads standard input to its end, at most 64 KiB. */
  readInput(): Promise<string>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Whether a person watches standard error, so that progress is worth printing. */
  readonly interactive: boolean
}

const MAX_INPUT_BYTES = 64 * 1024

async function readStandardInput(): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin) {
    const bytes = Buffer.from(chunk as Uint8Array)
    size += bytes.length
    if (size > MAX_INPUT_BYTES) throw new TypeError('standard input is larger than 64 KiB')
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The real process. */
export function createProcessIo(): Io {
  return {
    out: (text) => void process.stdout.write(text),
    err: (line) => void process.stderr.write(`${line}\n`),
    readInput: readStandardInput,
    env: process.env,
    cwd: process.cwd(),
    interactive: process.stderr.isTTY,
  }
}
