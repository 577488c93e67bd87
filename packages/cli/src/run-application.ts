import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync } from 'node:fs'
import { CliError } from './errors.ts'

/** How an application ended. */
export interface ApplicationEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Whether the time was up; else it ended by itself. */
  readonly stopped: boolean
}

/** How an application is run. */
export interface RunApplicationOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** File whose appearance says that it has started. */
  readonly startedFile: string
  /** How long it may run once it has started. */
  readonly seconds: number
}

/** How long it may take until it has started. */
const START_MILLIS = 15_000
/** How long it may take to end when it is asked to. */
const END_MILLIS = 5_000
const LOOK_MILLIS = 50

/** Ends a child when its time is up: politely, then for good. */
class Deadline {
  readonly #child: ChildProcess
  readonly #look: NodeJS.Timeout
  #end: NodeJS.Timeout
  stopped = false

  constructor(child: ChildProcess, { startedFile, seconds }: RunApplicationOptions) {
    this.#child = child
    this.#end = setTimeout(() => this.stop(), START_MILLIS)
    this.#look = setInterval(() => {
      if (!existsSync(startedFile)) return
      clearInterval(this.#look)
      clearTimeout(this.#end)
      this.#end = setTimeout(() => this.stop(), seconds * 1000)
    }, LOOK_MILLIS)
  }

  stop(): void {
    this.cancel()
    this.stopped = true
    this.#child.kill('SIGTERM')
    this.#end = setTimeout(() => this.#child.kill('SIGKILL'), END_MILLIS)
  }

  cancel(): void {
    clearInterval(this.#look)
    clearTimeout(this.#end)
  }
}

/**
 * Runs a command for some seconds, its output on standard error. The time begins when it has
 * started; to start it has 15 seconds. Then it gets SIGTERM, and SIGKILL 5 seconds later. Ctrl-C
 * reaches it by itself, and SIGTERM is passed on: its end is then waited for.
 *
 * @throws {CliError} `ERR_CLI_INPUT` when it cannot be run
 */
export async function runApplication(
  command: readonly string[],
  options: RunApplicationOptions,
): Promise<ApplicationEnd> {
  const [file = '', ...args] = command
  const child = spawn(file, args, { env: options.env, stdio: ['ignore', 2, 2] })
  const deadline = new Deadline(child, options)
  const outlive = (): void => {}
  const passOn = (): void => deadline.stop()
  process.on('SIGINT', outlive).on('SIGTERM', passOn)
  try {
    const [code, signal] = await ending(child, file)
    return { code, signal, stopped: deadline.stopped }
  } finally {
    deadline.cancel()
    process.off('SIGINT', outlive).off('SIGTERM', passOn)
  }
}

function ending(
  child: ChildProcess,
  file: string,
): Promise<readonly [number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.on('error', (error: NodeJS.ErrnoException) => {
      const { code = 'unknown error' } = error
      reject(new CliError('ERR_CLI_INPUT', `cannot run "${file}" (${code})`))
    })
    child.on('close', (code, signal) => resolve([code, signal]))
  })
}
