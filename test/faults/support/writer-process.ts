import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Durability } from '@tokentrail/exporter'

/** How `programs/writer.ts` writes. */
export interface WriterOptions {
  readonly directory: string
  readonly endpoint: string
  readonly durability: Durability
  /** Records per turn of the event loop. Default is 1. */
  readonly perTurn?: number
  /** Pause between turns. Default is none. */
  readonly pauseMillis?: number
  /** Number of the first record. Default is 0. */
  readonly first?: number
  /** How many records; then the log is shut down. Default is no end. */
  readonly records?: number
  /** Whether it stays alive behind its last record, with the log open. */
  readonly stays?: boolean
  readonly segmentBytes?: number
  /** Longest that it waits for an answer. Default is that of the exporter. */
  readonly timeoutMillis?: number
  /** A module that is loaded before anything else. */
  readonly preload?: string
  /** Whether it opens its log only when something comes on stdin. It says `ready` before. */
  readonly waits?: boolean
}

/** A running writer. */
export interface WriterProcess {
  readonly child: ChildProcess
  readonly origin: string
  /** Numbers of the records that it was promised. */
  readonly acknowledged: Set<number>
  /** Records that its log has counted as lost. */
  lost: number
  /** Whether its shutdown delivered everything; `undefined` before that. */
  done?: boolean
  /** Why it could open no log. */
  unusable?: string
  readonly health: string[]
  /** Whether it waits for {@link WriterProcess.go}. */
  isReady: boolean
  go(): void
  /** What it wrote to stderr. */
  errors: string
  /** Waits until so many records were acknowledged. */
  until(count: number, timeoutMillis?: number): Promise<void>
  /** Waits for its end, killed or not. */
  ended(timeoutMillis?: number): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

const PROGRAM = fileURLToPath(new URL('../programs/writer.ts', import.meta.url))

/** Most that anybody waits for a process. */
const PATIENCE_MILLIS = 60_000

/** Starts a writer. */
export function startWriter(
  options: WriterOptions,
  env: Readonly<Record<string, string>> = {},
): WriterProcess {
  const { preload } = options
  const parameters = [
    '--conditions=@tokentrail/source',
    ...(preload === undefined ? [] : [`--import=${preload}`]),
    PROGRAM,
    JSON.stringify(options),
  ]
  const child = spawn(process.execPath, parameters, {
    env: { PATH: process.env['PATH'], ...env },
  })
  let look: () => void = () => undefined
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  const writer = {
    child,
    origin: '',
    acknowledged: new Set<number>(),
    lost: 0,
    health: [] as string[],
    isReady: false,
    go: () => void child.stdin.write('go\n'),
    errors: '',
    until: (count: number, timeoutMillis = PATIENCE_MILLIS) =>
      within(
        timeoutMillis,
        `${count} acknowledged records`,
        new Promise<void>((resolve, reject) => {
          look = () => {
            if (writer.acknowledged.size >= count) resolve()
          }
          look()
          void closed.then(() => reject(new Error(`the writer ended: ${writer.errors}`)))
        }),
      ),
    ended: async (timeoutMillis = PATIENCE_MILLIS) => {
      const [code, signal] = await within(timeoutMillis, 'the end of the writer', closed)
      return { code, signal }
    },
  }
  let rest = ''
  child.stdout.on('data', (data: Buffer) => {
    const lines = `${rest}${data.toString()}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) hear(writer, line)
    look()
  })
  child.stderr.on('data', (data: Buffer) => (writer.errors += data.toString()))
  return writer
}

function hear(
  writer: { -readonly [Key in keyof WriterProcess]: WriterProcess[Key] },
  line: string,
): void {
  const [word = '', ...rest] = line.split(' ')
  if (/^\d+$/.test(word)) writer.acknowledged.add(Number(word))
  if (word === 'open') writer.origin = rest[0] ?? ''
  if (word === 'lost') writer.lost = Number(rest[0])
  if (word === 'ready') writer.isReady = true
  if (word === 'unusable') writer.unusable = rest.join(' ')
  if (word === 'done') writer.done = rest[0] === 'true'
  if (word === 'health') writer.health.push(rest.join(' '))
}

async function within<T>(millis: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${millis} ms in vain for ${what}`)), millis)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
