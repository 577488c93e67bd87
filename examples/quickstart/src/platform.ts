import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startViewer, ViewerError, type Viewer } from '@tokentrail/viewer'
import {
  CollectorError,
  findCollector,
  startCollector,
  type FoundCollector,
  type RunningCollector,
} from 'tokentrail'
import manifest from '../package.json' with { type: 'json' }
import type { Child } from './children.ts'
import { UsageError } from './options.ts'
import type { Ports } from './ports.ts'

/** What receives, keeps and shows the records: a collector with the viewer, or the viewer alone. */
export interface Platform {
  readonly collector: 'otelcol' | 'embedded'
  /** Version of the collector, or of the viewer where it stands in for one. */
  readonly collectorVersion: string
  /** OTLP/HTTP endpoint without `/v1/logs`. */
  readonly endpoint: string
  readonly viewer: Viewer
  /** Ends the collector, once what it holds is written. */
  stopCollector(): Promise<void>
}

/** Folders and ports of the platform. */
export interface PlatformOptions {
  readonly root: string
  readonly dir: string
  readonly exportDir: string
  /** No collector: the viewer takes the records directly. */
  readonly embedded: boolean
  readonly ports: Ports
  /** A session without a request for so long has ended. */
  readonly sessionIdleMillis: number
  readonly say: (line: string) => void
  /** Is told of each process that runs from now on. */
  readonly onStart: (child: Child) => void
}

function openViewer(options: PlatformOptions, collectorEndpoint: string | undefined) {
  return startViewer({
    directory: join(options.dir, 'viewer'),
    keysDirectory: join(options.dir, 'keys'),
    port: options.ports.viewer,
    sessionIdleMillis: options.sessionIdleMillis,
    ...(collectorEndpoint === undefined
      ? { exportDirectory: options.exportDir }
      : { endpoint: collectorEndpoint }),
  })
}

/** A collector that runs, and how it is ended. */
interface RunningPart {
  readonly found: FoundCollector
  readonly collector: RunningCollector
  readonly stop: () => Promise<void>
}

function launchCollector(options: PlatformOptions, found: FoundCollector) {
  return startCollector({
    path: found.path,
    configPaths: [join(options.root, 'otel-collector-config.yaml')],
    otlpEndpoint: `127.0.0.1:${options.ports.collector}`,
    viewerEndpoint: `http://127.0.0.1:${options.ports.viewer}`,
    exportFolder: options.exportDir,
    queueFolder: join(options.dir, 'collector'),
    onLine: (line) => options.say(`collector: ${line}`),
  })
}

function explainBusy(error: unknown, dir: string): unknown {
  const code = error instanceof CollectorError || error instanceof ViewerError ? error.code : ''
  if (code !== 'ERR_CLI_COLLECTOR_QUEUE_IN_USE' && code !== 'ERR_VIEWER_STORE_BUSY') return error
  return new UsageError(`another quick start runs in ${dir}; stop it, or name another --dir`)
}

/** Says which collector there is, or in one line why there is none. */
async function chooseCollector(options: PlatformOptions): Promise<FoundCollector | undefined> {
  if (options.embedded) return undefined
  const found = await findCollector({ root: options.root, report: options.say })
  if (found.status === 'found') return found
  options.say(`${found.reason}. The viewer takes the records directly.`)
  return undefined
}

/** Says so when the collector ends before it is told to; returns what tells it to. */
function watchCollector(collector: RunningCollector, say: (line: string) => void) {
  let isStopping = false
  void collector.exited.then(({ exitCode, signal }) => {
    const how = signal ?? `exit code ${exitCode ?? 'unknown'}`
    if (isStopping) return
    say(`the collector ended by itself (${how}); the journals keep the records for the next start`)
  })
  return async (): Promise<void> => {
    isStopping = true
    await collector.stop()
  }
}

function describePlatform(viewer: Viewer, running: RunningPart | undefined): Platform {
  if (running === undefined) {
    return {
      collector: 'embedded',
      collectorVersion: manifest.version,
      endpoint: viewer.url,
      viewer,
      stopCollector: () => Promise.resolve(),
    }
  }
  return {
    collector: 'otelcol',
    collectorVersion: running.found.version,
    endpoint: running.collector.otlpUrl,
    viewer,
    stopCollector: running.stop,
  }
}

/**
 * Starts the viewer, and before it a collector where one can be had: it waits for the viewer
 * without a word, while the viewer would report that nobody takes what it derives.
 *
 * @throws {UsageError} When another quick start uses the folder
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  mkdirSync(options.exportDir, { recursive: true })
  const found = await chooseCollector(options)
  try {
    if (found === undefined) return describePlatform(await openViewer(options, undefined), found)
    const collector = await launchCollector(options, found)
    const stop = watchCollector(collector, options.say)
    options.onStart({ pid: collector.pid, ended: collector.exited, kill: collector.kill })
    options.say(`collector ${found.version} (${found.source}) listening on ${collector.otlpUrl}`)
    const viewer = await openViewer(options, collector.otlpUrl)
    return describePlatform(viewer, { found, collector, stop })
  } catch (error) {
    throw explainBusy(error, options.dir)
  }
}

/** Copies the public root key, which is all that a verifier is given besides an export. */
export function publishRootKey(dir: string, target: string): void {
  copyFileSync(join(dir, 'keys', 'root.jwk.json'), target)
}
