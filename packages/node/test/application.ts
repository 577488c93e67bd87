import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** How an application ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** An application in a process of its own. */
export interface Application {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** Resolves when the text appears on its standard output. */
  prints(text: string): Promise<void>
  /** Port that the fixture says it serves on. */
  servedOn(): Promise<number>
}

/** A folder of its own, removed when the test is over. */
export function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tokentrail-node-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const PRELOAD = fileURLToPath(new URL('../src/register.ts', import.meta.url))

/** Starts a fixture with the preload, in `folder`, with nothing of this process's own settings. */
export function startApplication(
  fixture: string,
  folder: string,
  env: NodeJS.ProcessEnv = {},
  flags: readonly string[] = ['--import', PRELOAD],
): Application {
  const file = fileURLToPath(new URL(`./fixtures/${fixture}`, import.meta.url))
  const child = spawn(process.execPath, ['--conditions=@tokentrail/source', ...flags, file], {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const waiting: (() => void)[] = []
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    for (const check of waiting) check()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = new Promise<Ended>((resolve) => {
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  const prints = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        if (stdout.includes(text)) resolve()
      }
      waiting.push(check)
      check()
      void ended.then(() => reject(new Error(`it ended without printing "${text}": ${stderr}`)))
    })
  return {
    child,
    ended,
    prints,
    async servedOn() {
      await prints('served on')
      return Number(/served on (\d+)/.exec(stdout)?.[1])
    },
  }
}
