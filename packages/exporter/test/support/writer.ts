import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../fixtures/writer.ts', import.meta.url))

export interface Writer {
  readonly child: ChildProcess
  /** Lines that it said, in order. */
  readonly lines: string[]
  readonly errors: string[]
  /** Numbers of the records that it knows to be kept. */
  acknowledged(): number[]
  /** Waits until so many records were acknowledged. */
  until(count: number): Promise<void>
  /** Waits for its end, killed or not, and returns its exit code. */
  ended(): Promise<number | null>
}

/** Starts a process that appends records and says which are kept. */
export function startWriter(...parameters: readonly string[]): Writer {
  const child = spawn(
    process.execPath,
    ['--conditions=@tokentrail/source', PROGRAM, ...parameters],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: string[] = []
  const errors: string[] = []
  let rest = ''
  let look: () => void = () => undefined
  child.stdout.on('data', (data: Buffer) => {
    const parts = `${rest}${data.toString()}`.split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    look()
  })
  child.stderr.on('data', (data: Buffer) => errors.push(data.toString()))
  const closed = once(child, 'close') as Promise<[number | null]>
  const acknowledged = () => lines.filter((line) => /^\d+$/.test(line)).map(Number)
  return {
    child,
    lines,
    errors,
    acknowledged,
    until: (count) =>
      new Promise((resolve, reject) => {
        look = () => {
          if (lines.length > count) resolve()
        }
        look()
        void closed.then(() => reject(new Error(`the writer ended: ${errors.join('')}`)))
      }),
    ended: async () => (await closed)[0],
  }
}
