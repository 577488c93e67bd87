import { spawn } from 'node:child_process'
import { until } from './until.ts'

/** How a program ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program that runs until it is told to end. */
export interface Program {
  readonly pid: number
  readonly ended: Promise<Ended>
  /** Everything that it has printed so far, to either stream. */
  output(): string
  /** Waits until it prints what matches. */
  prints(pattern: RegExp): Promise<RegExpExecArray>
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ended>
}

/** How a program is started. */
export interface ProgramOptions {
  readonly cwd: string
  /** Beside `PATH` and `HOME`; nothing else is inherited. */
  readonly env?: Readonly<Record<string, string>>
  /** Node that runs it. Default is the one of the test. */
  readonly node?: string
}

/** Starts a Node program. */
export function startProgram(args: readonly string[], options: ProgramOptions): Program {
  const { PATH, HOME } = process.env
  const child = spawn(options.node ?? process.execPath, args, {
    cwd: options.cwd,
    env: { PATH, HOME, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  let hasEnded = false
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const ended = new Promise<Ended>((resolve) => {
    // Not `close`: a process that it leaves behind would hold the pipes open.
    child.on('exit', (code, signal) => {
      hasEnded = true
      resolve({ code, signal })
    })
  })
  return {
    pid: child.pid ?? 0,
    ended,
    output: () => output,
    prints: (pattern) =>
      until(`${String(pattern)} in the output`, () => {
        const match = pattern.exec(output)
        if (match === null && hasEnded) throw new Error(`it ended early and printed:\n${output}`)
        return match ?? undefined
      }),
    end: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}
