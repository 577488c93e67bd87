import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Child } from './children.ts'

/** A program of the quick start, as a child process. */
export interface Service {
  readonly name: string
  /** Resolves with the exit code once the program has ended by itself or was stopped. */
  readonly ended: Promise<number>
  /** Asks the program to end (SIGTERM), and kills it when it has not after ten seconds. */
  stop(): Promise<void>
}

/** How a program is started. */
export interface ServiceOptions {
  readonly name: string
  readonly args: readonly string[]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly say: (line: string) => void
  /** Is told of the process as soon as it runs. */
  readonly onStart: (child: Child) => void
  /** A line of standard output that says that the program is ready. */
  readonly ready?: RegExp
}

const READY_TIMEOUT_MILLIS = 20_000
const STOP_TIMEOUT_MILLIS = 10_000

function forwardLines(
  child: ChildProcess,
  options: ServiceOptions,
  onLine: (line: string) => void,
) {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      options.say(line)
      onLine(line)
    })
  }
}

function waitReady(service: Service, ready: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    reject(new Error(`${service.name} was not ready within ${READY_TIMEOUT_MILLIS / 1000} s`))
  }, READY_TIMEOUT_MILLIS)
  void service.ended.then((code) =>
    reject(new Error(`${service.name} ended at start with exit code ${code}; its output is above`)),
  )
  return Promise.race([ready, promise]).finally(() => clearTimeout(timer))
}

async function stopChild(
  child: ChildProcess,
  ended: Promise<number>,
  { name, say }: ServiceOptions,
): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  const timer = setTimeout(() => {
    say(`${name} did not stop within ${STOP_TIMEOUT_MILLIS / 1000} s and was killed`)
    child.kill('SIGKILL')
  }, STOP_TIMEOUT_MILLIS)
  await ended
  clearTimeout(timer)
}

/**
 * Starts a Node program and waits until it says that it is ready. It gets a process group of its
 * own: a Ctrl-C at the terminal reaches the quick start alone, which ends its parts in order.
 */
export async function startService(options: ServiceOptions): Promise<Service> {
  const child = spawn(process.execPath, options.args, {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const ended = once(child, 'close').then(([code]) => (code as number | null) ?? 1)
  options.onStart({ pid: child.pid ?? 0, ended, kill: () => void child.kill('SIGKILL') })
  let isStopping = false
  void ended.then((code) => {
    if (!isStopping && code !== 0)
      options.say(`${options.name} ended by itself (exit code ${code})`)
  })
  const ready = Promise.withResolvers<void>()
  forwardLines(child, options, (line) => {
    if (options.ready?.test(line)) ready.resolve()
  })
  const service: Service = {
    name: options.name,
    ended,
    stop: () => {
      isStopping = true
      return stopChild(child, ended, options)
    },
  }
  if (options.ready !== undefined) await waitReady(service, ready.promise)
  return service
}
