import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'

/** A program that serves. */
export interface Program {
  readonly url: string
  readonly child: ChildProcess
}

const START_MILLIS = 20_000

/** Starts a program and waits until it says where it listens. */
export function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Program> {
  const { HOME, PATH } = process.env
  const child = spawn(process.execPath, args, {
    env: { HOME, PATH, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`${args.at(-1)} did not start; see above`))
    const timer = setTimeout(fail, START_MILLIS)
    child.once('exit', fail)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(line) ?? []
      if (url === undefined) return
      clearTimeout(timer)
      resolve({ url, child })
    })
  })
}
