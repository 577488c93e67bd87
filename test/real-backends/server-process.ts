import { spawn, type ChildProcess } from 'node:child_process'
import { openSync } from 'node:fs'
import { until } from '../e2e/support/until.ts'

/** A server that runs, until it is stopped. */
export interface ServerProcess {
  stop(): Promise<void>
}

/** How a server is started. */
export interface ServerOptions {
  readonly env?: Readonly<Record<string, string>>
  /** File that takes what it prints. */
  readonly log: string
  /** Tells whether it is ready. A throw counts as no. */
  readonly ready: () => Promise<boolean>
}

const READY_MILLIS = 120_000
const STOP_MILLIS = 20_000

/** Servers that run, so that none outlives the command. */
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a server and waits until it is ready. */
export async function startServer(
  command: string,
  args: readonly string[],
  options: ServerOptions,
): Promise<ServerProcess> {
  const { PATH, HOME } = process.env
  const log = openSync(options.log, 'a')
  const child = spawn(command, args, {
    env: { PATH, HOME, ...options.env },
    stdio: ['ignore', log, log],
  })
  running.add(child)
  let hasEnded = false
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => {
      hasEnded = true
      running.delete(child)
      resolve()
    })
  })
  await until(
    `${command} to be ready`,
    async () => {
      if (hasEnded) throw new Error(`${command} ended early, see ${options.log}`)
      return (await options.ready().catch(() => false)) || undefined
    },
    READY_MILLIS,
  )
  return {
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MILLIS)
      await ended
      clearTimeout(timer)
    },
  }
}
