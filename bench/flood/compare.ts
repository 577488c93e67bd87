import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Child } from '../child.ts'
import { chooseQuiet, MachineLoad } from '../machine-load.ts'
import { median, type Spread, spreadOf } from '../measure.ts'
import type { Job, Outcome } from '../requests/load.ts'
import type { Usage } from '../requests/server.ts'
import { signTokens, type Tokens } from '../requests/tokens.ts'
import { countRejections, type Rejections } from './count-rejections.ts'

/** What the flooded server does about rejections that nobody is attributed to. */
export type Flooded = 'bare' | 'budget' | 'every record'

const CONTESTANTS: readonly Flooded[] = ['bare', 'budget', 'every record']

/** Rejections a second that get a record of their own; the default, and as many as there are. */
const BUDGETS: Readonly<Record<Exclude<Flooded, 'bare'>, number>> = {
  budget: 10,
  'every record': 10_000,
}

/** Size of the flood. */
export interface FloodOptions {
  readonly rounds: number
  /** How long each server is flooded in each round. */
  readonly seconds: number
}

/** 50,000 a minute. */
export const BOT_PER_SECOND = 833
const BOT_SOURCES = 5_000
export const USERS_PER_SECOND = 100
const TOKENS = 200

/** What one server did under the flood, in the rounds that count; counts are of all rounds. */
export interface FloodResult {
  readonly flooded: Flooded
  /** CPU in microseconds per request of bot and users together. */
  readonly main: Spread
  readonly process: Spread
  /** Latency of the users' requests, in milliseconds, and what the bare server does not have. */
  readonly p50: Spread
  readonly p99: Spread
  readonly p99Added: Spread
  /** Most CPU, in milliseconds, that the main thread used before a timer had its turn. */
  readonly longest: Spread
  /** Share of the time for which the main thread was ready to run and had no core. */
  readonly waited: number
  readonly refused: number
  readonly served: number
  /** Requests of users that got no answer, or another than they should. */
  readonly failed: number
  readonly rejections: Rejections
  /** Bytes in the journal when the server has ended. */
  readonly journalBytes: number
}

/** What the comparison gave. */
export interface FloodComparison extends FloodOptions {
  readonly counted: number
  readonly outside: number
  readonly results: readonly FloodResult[]
}

interface Server {
  readonly flooded: Flooded
  readonly child: Child
  readonly port: number
  refused: number
  served: number
  failed: number
}

/** One server's turn in a round. */
interface Turn {
  readonly main: number
  readonly process: number
  readonly p50: number
  readonly p99: number
  readonly longest: number
  readonly waited: number
}

interface Round {
  readonly outside: number
  readonly turns: ReadonlyMap<Flooded, Turn>
}

interface Attackers {
  readonly bot: Child
  readonly users: Child
}

/** Floods the same server in three ways, in alternating rounds, while users go on. */
export async function compareFloods(options: FloodOptions): Promise<FloodComparison> {
  const folder = await mkdtemp(join(tmpdir(), 'tokentrail-flood-'))
  const children: Child[] = []
  const start = async <Ready>(
    ...args: ConstructorParameters<typeof Child>
  ): Promise<[Child, Ready]> => {
    const child = new Child(...args)
    children.push(child)
    return [child, await child.next<Ready>()]
  }
  try {
    const tokens = await signTokens(TOKENS)
    const [, sink] = await start<{ port: number }>('sink.ts', { args: [folder] })
    const [bot] = await start('requests/load.ts')
    const [users] = await start('requests/load.ts')
    const servers: Server[] = []
    for (const flooded of CONTESTANTS) {
      const [child, { port }] = await start<{ port: number }>('requests/server.ts', {
        args: [JSON.stringify(tokens.publicJwk)],
        execArgv:
          flooded === 'bare' ? [] : ['--import', import.meta.resolve('@tokentrail/node/register')],
        env: environment(flooded, sink.port, folder),
      })
      servers.push({ flooded, child, port, refused: 0, served: 0, failed: 0 })
    }
    const machine = new MachineLoad(() => children.map(({ pid }) => pid))
    const all = await runRounds(servers, { bot, users }, { machine, tokens, options })
    await Promise.all(servers.map(({ child }) => child.stop()))
    await wait(1_000)
    const rounds = chooseQuiet(all)
    return {
      ...options,
      counted: rounds.length,
      outside: median(rounds.map(({ outside }) => outside)),
      results: await Promise.all(servers.map(async (server) => summarise(server, rounds, folder))),
    }
  } finally {
    await Promise.all(children.toReversed().map((child) => child.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

function environment(flooded: Flooded, port: number, folder: string): Record<string, string> {
  return {
    TOKENTRAIL_DIR: join(folder, 'recorded', senderOf(flooded)),
    TOKENTRAIL_TRUSTED_HOPS: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/${senderOf(flooded)}`,
    OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
    ...(flooded === 'bare' ? {} : { TOKENTRAIL_REJECTIONS_PER_SECOND: String(BUDGETS[flooded]) }),
  }
}

function senderOf(flooded: Flooded): string {
  return flooded.replace(' ', '-')
}

interface Flooding {
  readonly machine: MachineLoad
  readonly tokens: Tokens
  readonly options: FloodOptions
}

/** A round before the first warms up. */
async function runRounds(
  servers: readonly Server[],
  attackers: Attackers,
  { machine, options, tokens }: Flooding,
): Promise<readonly Round[]> {
  const rounds: Round[] = []
  for (let round = 0; round <= options.rounds; round += 1) {
    const turns = new Map<Flooded, Turn>()
    machine.lap()
    for (const server of round % 2 === 0 ? servers : servers.toReversed()) {
      const jobs = jobsOf(server.port, tokens, options.seconds)
      turns.set(server.flooded, await flood(server, attackers, jobs))
    }
    rounds.push({ turns, outside: machine.lap() })
  }
  return rounds.slice(1)
}

async function flood(
  server: Server,
  { bot, users }: Attackers,
  jobs: ReturnType<typeof jobsOf>,
): Promise<Turn> {
  const start = performance.now()
  const before = await server.child.ask<Usage>({})
  const [refused, served] = await Promise.all([
    bot.ask<Outcome>(jobs.bot),
    users.ask<Outcome>(jobs.users),
  ])
  const after = await server.child.ask<Usage>({})
  const micros = (performance.now() - start) * 1_000
  const requests = refused.answered + served.answered
  server.refused += refused.answered
  server.served += served.answered
  server.failed += served.failed
  return {
    main: (after.mainMicros - before.mainMicros) / requests,
    process: (after.processMicros - before.processMicros) / requests,
    p50: served.p50,
    p99: served.p99,
    longest: after.longestMicros / 1_000,
    waited: (after.waitedMicros - before.waitedMicros) / micros,
  }
}

async function summarise(
  { failed, flooded, refused, served }: Server,
  rounds: readonly Round[],
  folder: string,
): Promise<FloodResult> {
  const values = (name: Flooded, pick: (turn: Turn) => number): number[] =>
    rounds.flatMap(({ turns }) => turns.get(name) ?? []).map(pick)
  const bare = values('bare', ({ p99 }) => p99)
  const p99 = values(flooded, ({ p99 }) => p99)
  return {
    flooded,
    main: spreadOf(values(flooded, ({ main }) => main)),
    process: spreadOf(values(flooded, ({ process }) => process)),
    p50: spreadOf(values(flooded, ({ p50 }) => p50)),
    p99: spreadOf(p99),
    p99Added: spreadOf(p99.map((value, round) => value - (bare[round] ?? Number.NaN))),
    longest: spreadOf(values(flooded, ({ longest }) => longest)),
    waited: median(values(flooded, ({ waited }) => waited)),
    refused,
    served,
    failed,
    rejections: await countRejections(join(folder, `${senderOf(flooded)}.jsonl`)),
    journalBytes: await sizeOf(join(folder, 'recorded', senderOf(flooded))),
  }
}

/** The bot takes tokens that it has seen and signs them itself. */
function jobsOf(
  port: number,
  { tokens }: Tokens,
  seconds: number,
): { readonly bot: Job; readonly users: Job } {
  const forged = tokens.map(
    (token) => `${token.slice(0, token.lastIndexOf('.'))}.${'A'.repeat(86)}`,
  )
  return {
    bot: {
      port,
      tokens: forged,
      requests: BOT_PER_SECOND * seconds,
      perSecond: BOT_PER_SECOND,
      status: 401,
      sources: BOT_SOURCES,
    },
    users: { port, tokens, requests: USERS_PER_SECOND * seconds, perSecond: USERS_PER_SECOND },
  }
}

async function sizeOf(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const sizes = await Promise.all(names.map(async (name) => stat(join(folder, name))))
  return sizes.reduce((sum, entry) => sum + (entry.isFile() ? entry.size : 0), 0)
}
