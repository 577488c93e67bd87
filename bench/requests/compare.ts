import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Child } from '../child.ts'
import { median } from '../measure.ts'
import type { Received } from '../sink.ts'
import type { Job, Outcome } from './load.ts'
import type { Usage } from './server.ts'
import { signTokens, type Tokens } from './tokens.ts'

const CONTESTANTS = ['bare', 'recording', 'tracing', 'both', 'stock log'] as const

/** What is preloaded into the same server. */
export type Contestant = (typeof CONTESTANTS)[number]

const PRELOADS: Readonly<Record<Contestant, readonly string[]>> = {
  bare: [],
  recording: ['@tokentrail/node/register'],
  tracing: ['./tracing.ts'],
  both: ['./tracing.ts', '@tokentrail/node/register'],
  'stock log': ['./stock-log.ts'],
}

/** Size of the comparison. */
export interface RequestOptions {
  readonly rounds: number
  readonly requests: number
  readonly perSecond: number
}

/** Medians over the rounds; CPU in microseconds per request, latency in milliseconds. */
export interface RequestResult {
  readonly contestant: Contestant
  readonly mainMicros: number
  readonly processMicros: number
  readonly p50: number
  readonly p99: number
  readonly rss: number
  /** Requests answered in all rounds, the warm-up included. */
  readonly answered: number
  /** Records of requests, log records or spans that the sink received for them. */
  readonly delivered: number
}

interface Round {
  readonly main: number
  readonly process: number
  readonly outcome: Outcome
  readonly rss: number
}

interface Server {
  readonly contestant: Contestant
  readonly child: Child
  readonly port: number
  readonly rounds: Round[]
}

/** Loads the same server, preloaded in five ways, in alternating rounds. */
export async function compareRequests(options: RequestOptions): Promise<RequestResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tokentrail-bench-'))
  const children: Child[] = []
  const start = (...args: ConstructorParameters<typeof Child>): Child => {
    const child = new Child(...args)
    children.push(child)
    return child
  }
  try {
    const sink = start('sink.ts')
    const { port: sinkPort } = await sink.next<{ port: number }>()
    const load = start('requests/load.ts')
    await load.next()
    const tokens = await signTokens(200)
    const servers: Server[] = []
    for (const contestant of CONTESTANTS) {
      const child = start('requests/server.ts', {
        args: [JSON.stringify(tokens.publicJwk)],
        execArgv: PRELOADS[contestant].flatMap((name) => ['--import', resolvePreload(name)]),
        env: environment(contestant, sinkPort, folder),
      })
      const { port } = await child.next<{ port: number }>()
      servers.push({ contestant, child, port, rounds: [] })
    }
    await runRounds(servers, { sink, load, tokens }, options)
    const { received } = await sink.ask<{ received: Record<string, Received> }>({})
    return servers.map((server) => summarise(server, received[senderOf(server.contestant)]))
  } finally {
    await Promise.all(children.toReversed().map((child) => child.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

function resolvePreload(name: string): string {
  return import.meta.resolve(name)
}

function senderOf(contestant: Contestant): string {
  return contestant.replace(' ', '-')
}

function environment(contestant: Contestant, port: number, folder: string): Record<string, string> {
  return {
    TOKENTRAIL_DIR: join(folder, senderOf(contestant)),
    OTEL_SERVICE_NAME: 'bench',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/${senderOf(contestant)}`,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_NODE_RESOURCE_DETECTORS: 'none',
  }
}

interface Equipment {
  readonly sink: Child
  readonly load: Child
  readonly tokens: Tokens
}

/** The first round warms up. Odd rounds go backwards, so that a drift of the machine meets all. */
async function runRounds(
  servers: readonly Server[],
  { sink, load, tokens }: Equipment,
  { rounds, requests, perSecond }: RequestOptions,
): Promise<void> {
  for (let round = 0; round <= rounds; round += 1) {
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      const before = await server.child.ask<Usage>({})
      const job: Job = { port: server.port, tokens: tokens.tokens, requests, perSecond }
      const outcome = await load.ask<Outcome>(job)
      await waitForDelivery(sink, senderOf(server.contestant))
      const after = await server.child.ask<Usage>({})
      server.rounds.push({
        main: (after.mainMicros - before.mainMicros) / requests,
        process: (after.processMicros - before.processMicros) / requests,
        outcome,
        rss: after.rss,
      })
    }
  }
}

const QUIET_MILLIS = 2_500
const MAX_DELIVERY_MILLIS = 30_000

/**
 * Waits until nothing has arrived for longer than any batch waits, for every contestant alike: what
 * a request costs includes its delivery.
 */
async function waitForDelivery(sink: Child, sender: string): Promise<void> {
  const bodies = async (): Promise<number> => {
    const { received } = await sink.ask<{ received: Record<string, Received> }>({})
    return received[sender]?.bodies ?? 0
  }
  let last = await bodies()
  for (let waited = 0; waited < MAX_DELIVERY_MILLIS; waited += QUIET_MILLIS) {
    await wait(QUIET_MILLIS)
    const now = await bodies()
    if (now === last) return
    last = now
  }
}

function summarise(server: Server, received: Received | undefined): RequestResult {
  const { contestant, rounds } = server
  const measured = rounds.slice(1)
  const middle = (pick: (round: Round) => number): number => median(measured.map(pick))
  const failed = rounds.reduce((sum, { outcome }) => sum + outcome.failed, 0)
  if (failed > 0) throw new Error(`${failed} requests to the server "${contestant}" failed`)
  return {
    contestant,
    mainMicros: middle(({ main }) => main),
    processMicros: middle(({ process }) => process),
    p50: middle(({ outcome }) => outcome.p50),
    p99: middle(({ outcome }) => outcome.p99),
    rss: rounds.at(-1)?.rss ?? Number.NaN,
    answered: rounds.reduce((sum, { outcome }) => sum + outcome.answered, 0),
    delivered: contestant === 'tracing' ? (received?.spans ?? 0) : (received?.requests ?? 0),
  }
}
