import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A strace that is attached to a process and all its threads. */
export interface Strace {
  /** Waits until it has let go of the process. */
  ended(): Promise<void>
}

/** Whether strace is here and may attach to another process. */
export function findStrace(): { readonly isFound: boolean; readonly reason: string } {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'ignore' })
    return { isFound: true, reason: '' }
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    const reason = isAbsent ? 'strace is not installed' : 'strace may not trace here'
    return { isFound: false, reason }
  }
}

/**
 * Attaches to a process, so that counting begins there and not at its start, when it makes hundreds
 * of calls to load itself.
 *
 * @param parameters - What to trace and to inject.
 */
export async function attachStrace(pid: number, parameters: readonly string[]): Promise<Strace> {
  const child = spawn('strace', ['-f', '-p', String(pid), ...parameters], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(child, 'close')
  await attached(child)
  return {
    ended: async () => {
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await closed
      clearTimeout(timer)
    },
  }
}

function attached(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stderr?.on('data', (data: Buffer) => {
      said += data.toString()
      // A process of several threads is told of once, when all of them are attached.
      if (/attached/.test(said)) resolve()
    })
    child.once('close', () => reject(new Error(`strace could not attach: ${said}`)))
    child.once('error', reject)
  })
}
