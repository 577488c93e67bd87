import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** How a program of the bench is started. */
export interface ChildOptions {
  readonly args?: readonly string[]
  readonly execArgv?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

const ANSWER_MILLIS = 120_000
const STOP_MILLIS = 10_000

/** A program of the bench in a process of its own; it answers every message with one. */
export class Child {
  readonly #process: ChildProcess
  readonly #name: string

  /**
   * @param file - Relative to the folder of the bench.
   * @param options - `env` overlays what the process needs to run; nothing else is inherited, so
   *   that settings of the caller's shell do not reach the contestants.
   */
  constructor(file: string, options: ChildOptions = {}) {
    this.#name = file
    this.#process = fork(join(import.meta.dirname, file), options.args ?? [], {
      execArgv: ['--disable-warning=ExperimentalWarning', ...(options.execArgv ?? [])],
      env: { PATH: process.env['PATH'] ?? '', ...options.env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#process.stderr?.resume()
  }

  get pid(): number {
    return this.#process.pid ?? 0
  }

  /** The next message of the program. Fails when it ends first or takes over two minutes. */
  async next<Message>(): Promise<Message> {
    const errors: string[] = []
    const onData = (data: Buffer): void => {
      errors.push(data.toString())
    }
    this.#process.stderr?.on('data', onData)
    const stop = new AbortController()
    const { signal } = stop
    const timeout = setTimeout(() => stop.abort(), ANSWER_MILLIS)
    try {
      const ended = once(this.#process, 'exit', { signal }).then(([code]) => {
        throw new Error(
          `bench/${this.#name} ended with ${String(code)}: ${errors.join('').slice(-2000)}`,
        )
      })
      const [message] = await Promise.race([once(this.#process, 'message', { signal }), ended])
      return message as Message
    } finally {
      clearTimeout(timeout)
      stop.abort()
      this.#process.stderr?.off('data', onData)
    }
  }

  /** Sends a message and waits for the answer. */
  async ask<Message>(question: object): Promise<Message> {
    const answer = this.next<Message>()
    this.#process.send(question)
    return answer
  }

  /** Lets the program end by itself, which it does when the channel closes; kills it if it does not. */
  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return
    const ended = once(this.#process, 'exit')
    if (this.#process.connected) this.#process.disconnect()
    const timeout = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MILLIS)
    await ended
    clearTimeout(timeout)
  }
}
