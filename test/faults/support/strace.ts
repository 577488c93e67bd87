import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'

/** A strace that is attached to a process and all its threads. */
export interface Strace {
  /** Waits until it has let go of the process, whose end that may be. */
  ended(): Promise<void>
  /** Lets go of the process, which goes on. */
  detach(): Promise<void>
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
 * @param parameters - What to trace and to inject; `-f` for all threads of it, those to come too.
 */
export async function attachStrace(pid: number, parameters: readonly string[]): Promise<Strace> {
  const child = spawn('strace', ['-p', String(pid), ...parameters], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = once(child, 'close')
  await attached(child)
  const ended = async (): Promise<void> => {
    const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await closed
    clearTimeout(timer)
  }
  return {
    ended,
    detach: () => {
      child.kill('SIGINT')
      return ended()
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

/** What a trace tells, of strace's `-f -y -o FILE`. */
export interface Trace {
  /** What the calls were about that were made to fail: paths of files. */
  readonly injected: readonly string[]
  /** What the last of them was about in the thread that ended the process by `abort()`, if one did. */
  readonly aborted: string | undefined
}

/**
 * Reads a trace of calls whose first argument is a descriptor or a path:
 *
 *     10398 close(30</proc/meminfo>) = -1 EIO (Input/output error) (INJECTED)
 *     10398 --- SIGABRT {si_signo=SIGABRT, si_code=SI_TKILL, si_pid=10387, si_uid=0} ---
 *
 * A call that another thread interrupts in the trace is `<unfinished ...>` there and `resumed`
 * later.
 */
export function parseTrace(text: string): Trace {
  const latest = new Map<string, string>()
  const failed = new Map<string, string>()
  const injected: string[] = []
  let aborted: string | undefined
  for (const line of text.split('\n')) {
    const [, thread = '', rest = ''] = /^(?:(\d+) +)?(.*)$/.exec(line) ?? []
    const place = /^\w+\((?:\d+<([^>]*)>|AT_FDCWD<[^>]*>, "([^"]*)|"([^"]*))/.exec(rest)
    if (place) latest.set(thread, place[1] ?? place[2] ?? place[3] ?? '')
    if (rest.includes('(INJECTED)')) {
      const path = latest.get(thread) ?? ''
      failed.set(thread, path)
      injected.push(path)
    }
    if (rest.startsWith('--- SIGABRT ')) aborted ??= failed.get(thread)
  }
  return { injected, aborted }
}
