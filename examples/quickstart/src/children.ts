import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** A process that the quick start has started. */
export interface Child {
  readonly pid: number
  /** Resolves when it has ended, whoever ended it. */
  readonly ended: Promise<unknown>
  /** Ends it at once. */
  kill(): void
}

/** Every process of the quick start that runs. */
export interface Children {
  add(child: Child): void
  /** Ends all at once; for an exit that cannot wait. */
  kill(): void
}

/**
 * Keeps the processes of the quick start together. They run in process groups of their own, so that
 * a Ctrl-C at the terminal leaves them to be ended in order; should this process be killed itself,
 * a warden ends them, so that the next start finds ports and folders free.
 */
export function openChildren(): Children {
  const running = new Set<Child>()
  const warden = spawn(process.execPath, [join(import.meta.dirname, 'warden.ts')], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const tell = (line: string) => void warden.stdin.write(`${line}\n`)
  for (const source of [warden, warden.stdin]) source.on('error', () => {})
  warden.unref()
  return {
    add(child) {
      running.add(child)
      tell(`+${child.pid}`)
      void child.ended.then(() => {
        running.delete(child)
        tell(`-${child.pid}`)
      })
    },
    kill() {
      for (const child of running) {
        child.kill()
        tell(`-${child.pid}`)
      }
    },
  }
}
