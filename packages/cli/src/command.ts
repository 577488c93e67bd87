import type { Io } from './io.ts'

/** One command of the program. */
export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** What `--help` prints: usage, options, examples, exit codes. */
  readonly help: string
  /** Runs the command and returns its exit code. */
  run(args: readonly string[], io: Io): Promise<number>
}
