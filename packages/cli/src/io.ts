import { CliError } from './errors.ts'

/** What a command may touch of the process that runs it. */
export interface Io {
  /** Writes text to standard output, as it is. */
  out(text: string): void
  /** Writes one line to standard error. */
  err(line: string): void
  /** Writes text over the line of standard error that the cursor is on, and goes back to its start. */
  status(text: string): void
  /**
   * Reads standard input to its end.
   *
   * @throws {CliError} `ERR_CLI_INPUT` When it is larger than 64 KiB.
   */
  readInput(): Promise<string>
  /** Nanoseconds since 1970 UTC. */
  unixNanos(): bigint
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a person watches standard error, so that progress is worth printing. */
  readonly interactive: boolean
}

const MAX_INPUT_BYTES = 64 * 1024

/**
 * Reads a stream to its end as UTF-8.
 *
 * @throws {CliError} `ERR_CLI_INPUT` When it is larger than 64 KiB.
 */
export async function readStream(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array)
    size += bytes.length
    if (size > MAX_INPUT_BYTES) {
      throw new CliError('ERR_CLI_INPUT', 'standard input is larger than 64 KiB')
    }
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The real process. */
export function createProcessIo(): Io {
  return {
    out: (text) => void process.stdout.write(text),
    err: (line) => void process.stderr.write(`${line}\n`),
    status: (text) => void process.stderr.write(`${text}\r`),
    readInput: () => readStream(process.stdin),
    unixNanos: () => BigInt(Date.now()) * 1_000_000n,
    env: process.env,
    interactive: process.stderr.isTTY,
  }
}
