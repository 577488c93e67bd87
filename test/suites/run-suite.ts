import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startOtlpSink } from '../e2e/support/otlp-sink.ts'
import type { Suite } from './suites.ts'
import { parseTap, type Results } from './tap.ts'

/** One run of a suite. */
export interface SuiteRun {
  readonly results: Results
  readonly exitCode: number | null
  /** What it wrote to standard error. */
  readonly errors: string
}

/** A run that was recorded. */
export interface RecordedSuiteRun extends SuiteRun {
  /** Processes and threads that kept a log. */
  readonly logs: number
  /** Records of requests, without those of the preload. */
  readonly requests: number
  /** Hooks of libraries that told why a request was refused, with the number of records. */
  readonly hooks: ReadonlyMap<string, number>
}

const REGISTER: string = import.meta.resolve('../../packages/node/dist/register.js')
const SERVE_ONCE: string = import.meta.resolve('./serve-once.ts')
/** A suite that hangs is ended; its tests up to there count. */
const MAX_MILLIS = 900_000

/** Runs a suite as its authors would. */
export function runSuite(suite: Suite, checkout: string): Promise<SuiteRun> {
  return run(suite, checkout, [], {})
}

/** Runs a suite with the preload in each of its processes, and takes what they record. */
export async function runSuiteRecorded(suite: Suite, checkout: string): Promise<RecordedSuiteRun> {
  const folder = mkdtempSync(join(tmpdir(), 'tokentrail-suite-'))
  const texts = new Set<string>()
  const sink = await startOtlpSink(join(folder, 'received.jsonl'), (text) => texts.add(text))
  try {
    const preloads = [`--import=${REGISTER}`, `--import=${SERVE_ONCE}`]
    const ended = await run(suite, checkout, preloads, {
      TOKENTRAIL_DIR: join(folder, 'recorded'),
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.endpoint,
    })
    return { ...ended, ...tally([...texts].map((text) => JSON.parse(text) as Recorded)) }
  } finally {
    await sink.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

interface Recorded {
  readonly type: string
  readonly attributes?: Readonly<Record<string, unknown>>
}

function tally(
  records: readonly Recorded[],
): Pick<RecordedSuiteRun, 'hooks' | 'logs' | 'requests'> {
  const logs = records.filter(({ type }) => type === 'tokentrail.log.open').length
  const requests = records.filter(({ type }) => /^oauth\.request(?:\.rejected)?$/.test(type))
  const hooks = new Map<string, number>()
  for (const { attributes } of requests) {
    const hook = attributes?.['tokentrail.capture.hook']
    if (typeof hook === 'string' && hook !== 'http') hooks.set(hook, (hooks.get(hook) ?? 0) + 1)
  }
  return { logs, requests: Math.max(0, requests.length - logs), hooks }
}

async function run(
  { command, nodeOptions = [] }: Suite,
  checkout: string,
  preloads: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<SuiteRun> {
  const child = spawn(process.execPath, command, {
    cwd: checkout,
    env: { ...process.env, ...env, NODE_OPTIONS: [...nodeOptions, ...preloads].join(' ') },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MAX_MILLIS,
    killSignal: 'SIGKILL',
  })
  const output: string[] = []
  const errors: string[] = []
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => output.push(chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => errors.push(chunk))
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  return { results: parseTap(output.join('')), exitCode, errors: errors.join('') }
}
