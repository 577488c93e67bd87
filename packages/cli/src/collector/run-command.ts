import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

/** What a command did. */
export interface CommandResult {
  /** Exit code; `undefined` when it could not be started, or a signal or the time limit ended it. */
  readonly exitCode: number | undefined
  /** Why it could not be started, or what ended it: `ENOENT`, `SIGKILL`, `timeout`. */
  readonly failure: string | undefined
  /** Lines of standard output, then of standard error, at most the last 2,000 of each. */
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

/** How {@link runCommand} runs a command. */
export interface CommandOptions {
  readonly cwd?: string
  readonly env: NodeJS.ProcessEnv
  /** The command is killed after this many milliseconds. */
  readonly timeoutMillis: number
  /** Sees each line of standard error as it comes. */
  readonly onLine?: (line: string) => void
}

/** The port through which this folder starts commands. */
export type CommandRunner = (
  file: string,
  args: readonly string[],
  options: CommandOptions,
) => Promise<CommandResult>

const MAX_LINES = 2_000

const collectLines = (stream: Readable, onLine?: (line: string) => void): readonly string[] => {
  const lines: string[] = []
  createInterface({ input: stream }).on('line', (line) => {
    if (lines.length === MAX_LINES) lines.shift()
    lines.push(line)
    onLine?.(line)
  })
  return lines
}

/** Runs a command to its end without a shell. Never rejects: what went wrong is in the result. */
export const runCommand: CommandRunner = (file, args, options) =>
  new Promise((resolve) => {
    const child = spawn(file, args, {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      env: options.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stdout = collectLines(child.stdout)
    const stderr = collectLines(child.stderr, options.onLine)
    let failure: string | undefined
    const timer = setTimeout(() => {
      failure = 'timeout'
      child.kill('SIGKILL')
      // What it started itself lives on and holds the pipes open.
      child.stdout.destroy()
      child.stderr.destroy()
    }, options.timeoutMillis)
    const finish = (exitCode: number | undefined): void => {
      clearTimeout(timer)
      resolve({ exitCode, failure, stdout, stderr })
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      failure ??= error.code ?? error.message
      finish(undefined)
    })
    child.once('close', (code, signal) => {
      failure ??= signal ?? undefined
      finish(code ?? undefined)
    })
  })
