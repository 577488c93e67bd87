import { copyFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { startViewer, type Viewer } from '@tokentrail/viewer'
import { findCollector, startCollector } from 'tokentrail'
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
  /** Ends the collector at once; for an exit that cannot wait. */
  killCollector(): void
}

/** Folders and ports of the platform. */
export interface PlatformOptions {
  readonly root: string
  readonly dir: string
  readonly exportDir: string
  readonly ports: Ports
  /** A session without a request for so long has ended. */
  readonly sessionIdleMillis: number
  readonly say: (line: string) => void
}

const REPOSITORY_VERSION = '0.1.0'

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

/** Starts the viewer, and a collector in front of it where one can be had. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  mkdirSync(options.exportDir, { recursive: true })
  const found = await findCollector({ root: options.root, report: options.say })
  if (found.status === 'missing') {
    options.say(`${found.reason} The viewer takes the records directly.`)
    const viewer = await openViewer(options, undefined)
    return {
      collector: 'embedded',
      collectorVersion: REPOSITORY_VERSION,
      endpoint: viewer.url,
      viewer,
      stopCollector: () => Promise.resolve(),
      killCollector: () => {},
    }
  }
  const endpoint = `http://127.0.0.1:${options.ports.collector}`
  const viewer = await openViewer(options, endpoint)
  const collector = await startCollector({
    path: found.path,
    configPaths: [join(options.root, 'otel-collector-config.yaml')],
    otlpEndpoint: `127.0.0.1:${options.ports.collector}`,
    viewerEndpoint: viewer.url,
    exportFolder: options.exportDir,
    queueFolder: join(options.dir, 'collector'),
    onLine: (line) => options.say(`collector: ${line}`),
  })
  return {
    collector: 'otelcol',
    collectorVersion: found.version,
    endpoint,
    viewer,
    stopCollector: async () => void (await collector.stop()),
    killCollector: () => collector.kill(),
  }
}

/** Copies the public root key, which is all that a verifier is given besides an export. */
export function publishRootKey(dir: string, target: string): void {
  copyFileSync(join(dir, 'keys', 'root.jwk.json'), target)
}
