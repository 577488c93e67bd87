import { main } from '../../src/main.ts'
import type { Io } from '../../src/io.ts'

/** What a run of the program printed, and how it ended. */
export interface Ran {
  readonly code: number
  readonly out: string
  /** Lines on standard error. */
  readonly err: readonly string[]
}

/** The surroundings of a run. */
export interface Surroundings {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string
  readonly interactive?: boolean
  /** Takes what is written over the last line of standard error. */
  readonly status?: (text: string) => void
  /** The time, or a clock. */
  readonly now?: bigint | (() => bigint)
}

/** Runs the program as a user would, in this process. */
export async function runMain(
  args: readonly string[],
  { env = {}, input, interactive = false, now = 0n, status = () => undefined }: Surroundings = {},
): Promise<Ran> {
  let out = ''
  const err: string[] = []
  const io: Io = {
    out: (text) => void (out += text),
    err: (line) => void err.push(line),
    status,
    readInput: () =>
      input === undefined
        ? Promise.reject(new Error('standard input was read'))
        : Promise.resolve(input),
    unixNanos: typeof now === 'bigint' ? () => now : now,
    env: { TOKENTRAIL_DIR: '/nonexistent', ...env },
    interactive,
  }
  return { code: await main(args, io), out, err }
}
