import { mkdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { readExport } from '@tokentrail/exporter'
import { signTokens } from '../../bench/requests/tokens.ts'
import { findCollector } from '../../packages/cli/src/collector/find-collector.ts'
import {
  startCollector,
  type RunningCollector,
} from '../../packages/cli/src/collector/run-collector.ts'
import { startProgram } from '../e2e/support/program.ts'
import { ROOT, tokentrail } from '../e2e/support/run.ts'
import { send } from '../e2e/support/send.ts'
import { Missing } from './servers.ts'

/** The routes of the base configuration. */
export const ROUTES = ['records', 'hipaa', 'gdpr', 'soc2', 'pci'] as const
export type Route = (typeof ROUTES)[number]

/** What one round recorded, as the collector's own files have it. */
export interface RecordedRound {
  readonly rootFile: string
  /** Canonical texts by route, each once. */
  readonly texts: ReadonlyMap<Route, ReadonlySet<string>>
  /** Log records by route, copies counted. */
  readonly sent: ReadonlyMap<Route, number>
  /** Texts of identity records: no backend that cannot delete may hold one. */
  readonly identities: ReadonlySet<string>
  stop(): Promise<void>
}

/** How a round is recorded. */
export interface RoundOptions {
  /** Folder that takes journal, keys and the collector's files. */
  readonly folder: string
  /** Name of the overlay in `collector/backends`. */
  readonly overlay: string
  readonly env: Readonly<Record<string, string>>
  /** Is called between the halves of the requests, to take the backend away. */
  readonly halfway?: () => Promise<void>
  readonly requests: number
}

const PATHS = ['/v1/patients/7/labs', '/v1/payments', '/v1/orders/3', '/v1/reports']

/**
 * Runs the shipped collector with an overlay, records an application that is asked a few hundred
 * times, ends it, sends all that it recorded once more, and kills the collector and starts it
 * again.
 */
export async function recordRound(options: RoundOptions): Promise<RecordedRound> {
  const { folder } = options
  mkdirSync(folder, { recursive: true })
  const viewer = await openViewer()
  const first = await openCollector(options, viewer.url)
  const directory = join(folder, 'tokentrail')
  const env = {
    TOKENTRAIL_DIR: directory,
    TOKENTRAIL_CONFIG: join(ROOT, 'examples/quickstart/tokentrail.yaml'),
    OTEL_EXPORTER_OTLP_ENDPOINT: first.otlpUrl,
    OTEL_SERVICE_NAME: 'orders',
    TOKENTRAIL_SLOT: 'orders-0',
  }
  await askApplication(env, options)
  const from = new Date(Date.now() - 3_600_000).toISOString()
  const drained = await tokentrail(['drain', directory, '--from', from], { env })
  if (drained.code !== 0) throw new Error(`drain ended with ${drained.code}: ${drained.stderr}`)
  // What was answered must be in the queue on disk: the backend is still away.
  first.kill()
  await first.exited
  const collector = await openCollector(options, viewer.url)
  return {
    rootFile: join(directory, 'keys', 'root.jwk.json'),
    ...(await readFiles(join(folder, 'export'))),
    stop: async () => {
      await collector.stop()
      viewer.close()
    },
  }
}

async function askApplication(
  env: Readonly<Record<string, string>>,
  { requests, halfway }: RoundOptions,
): Promise<void> {
  const { publicJwk, tokens } = await signTokens(20)
  const program = startProgram(
    [
      '--disable-warning=ExperimentalWarning',
      '--import=@tokentrail/node/register',
      join(import.meta.dirname, 'application.ts'),
    ],
    { cwd: ROOT, env: { ...env, JWK: JSON.stringify(publicJwk) } },
  )
  try {
    const [, url = ''] = await program.prints(/listening on (http:\S+)/)
    for (let at = 0; at < requests; at += 1) {
      if (at === Math.floor(requests / 2)) await halfway?.()
      // Every tenth comes with a token that nobody signed.
      const token = at % 10 === 9 ? 'e30.e30.AA' : tokens[at % tokens.length]!
      const headers = { authorization: `Bearer ${token}` }
      await send(url, { path: PATHS[at % PATHS.length]!, headers })
    }
  } finally {
    await program.end('SIGTERM')
  }
}

async function openCollector(
  { folder, overlay, env }: RoundOptions,
  viewerEndpoint: string,
): Promise<RunningCollector> {
  const found = await findCollector({ root: ROOT, report: (line) => console.log(line) })
  if (found.status === 'missing') throw new Missing(found.reason)
  console.log(
    `collector ${found.version} (${found.source}) with collector/backends/${overlay}.yaml`,
  )
  const collector = await startCollector({
    path: found.path,
    configPaths: [
      join(ROOT, 'otel-collector-config.yaml'),
      join(ROOT, 'collector', 'backends', `${overlay}.yaml`),
    ],
    otlpEndpoint: '127.0.0.1:0',
    viewerEndpoint,
    exportFolder: join(folder, 'export'),
    queueFolder: join(folder, 'queue'),
    env: { ...process.env, ...env },
  })
  process.on('exit', () => collector.kill())
  return collector
}

/** Takes what the viewer would. */
async function openViewer(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function readFiles(
  folder: string,
): Promise<Pick<RecordedRound, 'texts' | 'sent' | 'identities'>> {
  const texts = new Map<Route, ReadonlySet<string>>()
  const sent = new Map<Route, number>()
  for (const route of ROUTES) {
    const found = await countRecords([join(folder, `${route}.jsonl`)])
    texts.set(route, found.texts)
    sent.set(route, found.count)
  }
  const { texts: identities } = await countRecords([join(folder, 'identities.jsonl')])
  return { texts, sent, identities }
}

/**
 * Reads an export: how many records, and the texts, each once; none while half a line stands there,
 * as somebody still writes.
 */
export async function countRecords(
  paths: readonly string[],
): Promise<{ readonly count: number; readonly texts: ReadonlySet<string> }> {
  const texts = new Set<string>()
  let count = 0
  let isWhole = true
  const onUnreadable = (): void => void (isWhole = false)
  for await (const { body } of readExport(paths, { onUnreadable })) {
    texts.add(body)
    count += 1
  }
  return isWhole ? { count, texts } : { count: 0, texts: new Set() }
}
