import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Child } from '../child.ts'
import { chooseQuiet, MachineLoad } from '../machine-load.ts'
import { median, type Spread, spreadOf } from '../measure.ts'
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
  /** Requests to each server in each round. */
  readonly requests: number
  readonly perSecond: number
}

/** One figure of a contestant, and how much of it the bare server does not have. */
export interface Figure {
  readonly all: Spread
  /** Differences between this server and the bare one in the same round. */
  readonly added: Spread
}

/** What one contestant did in the rounds that count. */
export interface RequestResult {
  readonly contestant: Contestant
  /** CPU in microseconds per request. */
  readonly main: Figure
  readonly process: Figure
  /** Latency in milliseconds. */
  readonly p50: Figure
  readonly p99: Figure
  /** Bytes. */
  readonly memory: Figure
  /** Requests answered in all rounds, the warm-up included. */
  readonly answered: number
  /** Records of requests, log records or spans that the sink received for them. */
  readonly delivered: number
}

/** What the comparison gave. */
export interface RequestComparison extends RequestOptions {
  /** Rounds that count, of {@link RequestOptions.rounds}. */
  readonly counted: number
  /** Share of the machine that others used meanwhile. */
  readonly outside: number
  readonly results: readonly RequestResult[]
}

/** One server's turn in a round. */
interface Turn {
  readonly main: number
  readonly process: number
  readonly p50: number
  readonly p99: number
  readonly memory: number
}

interface Round {
  readonly outside: number
  readonly turns: ReadonlyMap<Contestant, Turn>
}

interface Server {
  readonly contestant: Contestant
  readonly child: Child
  readonly port: number
  answered: number
}

/** Loads the same server, preloaded in five ways, in alternating rounds. */
export async function compareRequests(options: RequestOptions): Promise<RequestComparison> {
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
      servers.push({ contestant, child, port, answered: 0 })
    }
    const machine = new MachineLoad(() => children.map(({ pid }) => pid))
    const all = await runRounds(servers, { sink, load, tokens, machine }, options)
    const { received } = await sink.ask<{ received: Record<string, Received> }>({})
    const rounds = chooseQuiet(all)
    return {
      ...options,
      counted: rounds.length,
      outside: median(rounds.map(({ outside }) => outside)),
      results: servers.map((server) =>
        summarise(server, rounds, received[senderOf(server.contestant)]),
      ),
    }
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
  readonly machine: MachineLoad
}

/** Requests that warm a server up, before the first round. */
const WARM_UP = 6_000

/** Odd rounds go backwards, so that a drift of the machine meets all. */
async function runRounds(
  servers: readonly Server[],
  equipment: Equipment,
  options: RequestOptions,
): Promise<readonly Round[]> {
  for (const server of servers) {
    await takeTurn(server, equipment, { ...options, requests: WARM_UP })
  }
  const rounds: Round[] = []
  for (let round = 0; round < options.rounds; round += 1) {
    const turns = new Map<Contestant, Turn>()
    equipment.machine.lap()
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      turns.set(server.contestant, await takeTurn(server, equipment, options))
    }
    rounds.push({ turns, outside: equipment.machine.lap() })
  }
  return rounds
}

async function takeTurn(
  server: Server,
  { load, sink, tokens }: Equipment,
  { perSecond, requests }: RequestOptions,
): Promise<Turn> {
  const before = await server.child.ask<Usage>({})
  const job: Job = { port: server.port, tokens: tokens.tokens, requests, perSecond }
  const outcome = await load.ask<Outcome>(job)
  if (outcome.failed > 0) {
    throw new Error(`${outcome.failed} requests to the server "${server.contestant}" failed`)
  }
  await waitForDelivery(sink, senderOf(server.contestant))
  const after = await server.child.ask<Usage>({})
  server.answered += outcome.answered
  return {
    main: (after.mainMicros - before.mainMicros) / requests,
    process: (after.processMicros - before.processMicros) / requests,
    p50: outcome.p50,
    p99: outcome.p99,
    memory: after.memory,
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

function summarise(
  { answered, contestant }: Server,
  rounds: readonly Round[],
  received: Received | undefined,
): RequestResult {
  const figure = (pick: (turn: Turn) => number): Figure => {
    const values = rounds.map(({ turns }) => valueOf(turns, contestant, pick))
    const bare = rounds.map(({ turns }) => valueOf(turns, 'bare', pick))
    return {
      all: spreadOf(values),
      added: spreadOf(values.map((value, round) => value - (bare[round] ?? Number.NaN))),
    }
  }
  return {
    contestant,
    main: figure(({ main }) => main),
    process: figure(({ process }) => process),
    p50: figure(({ p50 }) => p50),
    p99: figure(({ p99 }) => p99),
    memory: figure(({ memory }) => memory),
    answered,
    delivered: contestant === 'tracing' ? (received?.spans ?? 0) : (received?.requests ?? 0),
  }
}

function valueOf(
  turns: ReadonlyMap<Contestant, Turn>,
  contestant: Contestant,
  pick: (turn: Turn) => number,
): number {
  const turn = turns.get(contestant)
  return turn === undefined ? Number.NaN : pick(turn)
}
