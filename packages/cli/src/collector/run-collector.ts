import { spawn, type ChildProcess } from 'node:child_process'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { CollectorError } from './collector-error.ts'
import {
  buildCollectorEnvironment,
  type CollectorPlace,
  type CollectorSettings,
} from './collector-settings.ts'
import { explainExit, explainFolder, type CollectorExit } from './explain-exit.ts'
import { findFreePort } from './free-port.ts'
import { createLineTail } from './line-tail.ts'
import { endTornLines } from './torn-lines.ts'

/** How to run a collector. */
export interface RunCollectorOptions extends CollectorSettings {
  /** The program, from `findCollector`. */
  readonly path: string
  /** The base configuration and its overlays, in the order in which they are merged. */
  readonly configPaths: readonly string[]
  /** What the collector inherits. Default is `process.env`. */
  readonly env?: NodeJS.ProcessEnv
  /** At most this long until it is ready, in milliseconds. Default is 20000. */
  readonly readyTimeoutMillis?: number
  /** At most this long after SIGTERM, in milliseconds; then SIGKILL. Default is 10000. */
  readonly stopTimeoutMillis?: number
  /** Takes each line that the collector logs. Default drops them. */
  readonly onLine?: (line: string) => void
  /** Default is the global `fetch`. */
  readonly fetch?: typeof fetch
}

/** A collector that runs. */
export interface RunningCollector {
  /** URL for `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly otlpUrl: string
  readonly pid: number
  /** Resolves when the process has ended, whoever ended it. */
  readonly exited: Promise<CollectorExit>
  /** The last 40 lines that it logged. */
  readonly stderrTail: () => readonly string[]
  /** Ends it: SIGTERM, after `stopTimeoutMillis` SIGKILL. Idempotent. */
  readonly stop: () => Promise<CollectorExit>
  /** Kills it at once. For `process.on('exit')`, where nothing can be awaited. */
  readonly kill: () => void
}

const TAIL_LINES = 40
const POLL_MILLIS = 25

/**
 * Starts a collector and waits until its pipelines are up. Files that an earlier run left with half
 * a line are mended first.
 *
 * @throws {@link CollectorError} `ERR_CLI_COLLECTOR_PORT_IN_USE`, `ERR_CLI_COLLECTOR_QUEUE_IN_USE`,
 *   `ERR_CLI_COLLECTOR_CONFIG_REFUSED`, `ERR_CLI_COLLECTOR_NOT_READY`, `ERR_CLI_COLLECTOR_EXITED`.
 */
export async function startCollector(options: RunCollectorOptions): Promise<RunningCollector> {
  const place = await resolvePlace(options)
  await mend(place.exportFolder)
  const collector = launch(options, place)
  try {
    await waitUntilReady(collector, options, place)
  } catch (error) {
    collector.kill()
    await collector.exited
    throw error
  }
  return collector
}

async function mend(folder: string): Promise<void> {
  try {
    await endTornLines(folder)
  } catch (cause) {
    throw explainFolder(folder, { cause })
  }
}

async function resolvePlace(options: RunCollectorOptions): Promise<CollectorPlace> {
  const { host, port } = parseEndpoint(options.otlpEndpoint)
  return {
    otlpEndpoint: `${host}:${port === 0 ? await findFreePort(bareHost(host)) : port}`,
    // Always a free port: an answer on a fixed one could come from somebody else's collector.
    healthEndpoint: `127.0.0.1:${await findFreePort('127.0.0.1')}`,
    viewerEndpoint: options.viewerEndpoint,
    exportFolder: resolve(options.exportFolder),
    queueFolder: resolve(options.queueFolder),
  }
}

function parseEndpoint(endpoint: string): { readonly host: string; readonly port: number } {
  const match = /^(\[[0-9A-Fa-f:.]+\]|[^\s:/]+):(\d{1,5})$/.exec(endpoint)
  const port = Number(match?.[2])
  if (match?.[1] === undefined || port > 65_535) {
    throw new TypeError(`"otlpEndpoint" must be host:port, e.g. 127.0.0.1:4318`)
  }
  return { host: match[1], port }
}

const bareHost = (host: string): string => host.replace(/^\[|\]$/g, '')

function launch(options: RunCollectorOptions, place: CollectorPlace): RunningCollector {
  const tail = createLineTail(TAIL_LINES)
  const child = spawn(
    options.path,
    options.configPaths.map((path) => `--config=${path}`),
    {
      env: { ...(options.env ?? process.env), ...buildCollectorEnvironment(place) },
      stdio: ['ignore', 'ignore', 'pipe'],
      // A process group of its own: Ctrl-C in a terminal goes to the whole group, and a collector
      // that stops before the application would miss what the application still sends.
      detached: true,
    },
  )
  createInterface({ input: child.stderr }).on('line', (line) => {
    tail.add(line)
    options.onLine?.(line)
  })
  const exited = waitForExit(child, tail.add)
  let stopping: Promise<CollectorExit> | undefined
  return {
    otlpUrl: `http://${place.otlpEndpoint}`,
    pid: child.pid ?? 0,
    exited,
    stderrTail: tail.lines,
    stop: () => (stopping ??= stop(child, exited, options.stopTimeoutMillis ?? 10_000)),
    kill: () => void child.kill('SIGKILL'),
  }
}

const waitForExit = (child: ChildProcess, note: (line: string) => void): Promise<CollectorExit> =>
  new Promise((settle) => {
    child.once('error', (error) => {
      note(error.message)
      settle({ exitCode: undefined, signal: undefined })
    })
    // `close`, not `exit`: what it wrote last is why it ended.
    child.once('close', (code, signal) => {
      settle({ exitCode: code ?? undefined, signal: signal ?? undefined })
    })
  })

async function stop(
  child: ChildProcess,
  exited: Promise<CollectorExit>,
  timeoutMillis: number,
): Promise<CollectorExit> {
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMillis)
  const exit = await exited
  clearTimeout(timer)
  return exit
}

async function waitUntilReady(
  collector: RunningCollector,
  options: RunCollectorOptions,
  place: CollectorPlace,
): Promise<void> {
  const timeoutMillis = options.readyTimeoutMillis ?? 20_000
  const limit = new AbortController()
  const timer = setTimeout(() => limit.abort(), timeoutMillis)
  let exit: CollectorExit | undefined
  void collector.exited.then((value) => (exit = value))
  try {
    while (!(await isHealthy(place.healthEndpoint, options.fetch ?? fetch, limit.signal))) {
      if (exit !== undefined) throw explainExit(exit, collector.stderrTail(), place)
      if (limit.signal.aborted) throw explainSilence(collector, timeoutMillis)
      await delay(POLL_MILLIS)
    }
  } finally {
    clearTimeout(timer)
  }
}

async function isHealthy(
  endpoint: string,
  request: typeof fetch,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const response = await request(`http://${endpoint}/`, { signal })
    await response.arrayBuffer()
    return response.ok
  } catch {
    return false
  }
}

function explainSilence(collector: RunningCollector, timeoutMillis: number): CollectorError {
  const last = collector.stderrTail().at(-1) ?? 'nothing'
  return new CollectorError(
    'ERR_CLI_COLLECTOR_NOT_READY',
    `the collector was not ready within ${timeoutMillis / 1_000} s; it last wrote: ${last}`,
  )
}
