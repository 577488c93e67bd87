import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Child } from '../child.ts'
import type { Job, Outcome } from '../requests/load.ts'
import type { Usage } from '../requests/server.ts'
import { signTokens, type Tokens } from '../requests/tokens.ts'
import { countRejections, type Rejections } from './count-rejections.ts'

/** What the flooded server does about rejections that nobody is attributed to. */
export type Flooded = 'bare' | 'budget' | 'every record'

/** Rejections a second that get a record of their own; the default, and as many as there are. */
const BUDGETS: Readonly<Record<Exclude<Flooded, 'bare'>, number>> = {
  budget: 10,
  'every record': 10_000,
}

/** Size of the flood. */
export interface FloodOptions {
  readonly seconds: number
}

/** 50,000 a minute. */
const BOT_PER_SECOND = 833
const BOT_SOURCES = 5_000
const USERS_PER_SECOND = 100
const TOKENS = 200

/** What one flood did. CPU in microseconds per request of bot and users together. */
export interface FloodResult {
  readonly flooded: Flooded
  readonly mainMicros: number
  readonly processMicros: number
  /** Latency of the users' requests, in milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly refused: number
  readonly served: number
  readonly rejections: Rejections
  /** Bytes in the journal when the server has ended. */
  readonly journalBytes: number
}

/** Floods the same server three times, while users go on. */
export async function compareFloods(options: FloodOptions): Promise<readonly FloodResult[]> {
  const tokens = await signTokens(TOKENS)
  const results: FloodResult[] = []
  for (const flooded of ['bare', 'budget', 'every record'] as const) {
    results.push(await flood(flooded, tokens, options))
  }
  return results
}

async function flood(
  flooded: Flooded,
  tokens: Tokens,
  { seconds }: FloodOptions,
): Promise<FloodResult> {
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
    const [, sink] = await start<{ port: number }>('sink.ts', { args: [folder] })
    const [bot] = await start('requests/load.ts')
    const [users] = await start('requests/load.ts')
    const [server, { port }] = await start<{ port: number }>('requests/server.ts', {
      args: [JSON.stringify(tokens.publicJwk)],
      execArgv:
        flooded === 'bare' ? [] : ['--import', import.meta.resolve('@tokentrail/node/register')],
      env: environment(flooded, sink.port, folder),
    })
    const jobs = jobsOf(port, tokens, seconds)
    const before = await server.ask<Usage>({})
    const [refused, served] = await Promise.all([
      bot.ask<Outcome>(jobs.bot),
      users.ask<Outcome>(jobs.users),
    ])
    const after = await server.ask<Usage>({})
    const requests = refused.answered + served.answered
    await server.stop()
    await wait(1_000)
    return {
      flooded,
      mainMicros: (after.mainMicros - before.mainMicros) / requests,
      processMicros: (after.processMicros - before.processMicros) / requests,
      p50: served.p50,
      p99: served.p99,
      refused: refused.answered,
      served: served.answered,
      rejections: await countRejections(join(folder, 'flooded.jsonl')),
      journalBytes: await sizeOf(join(folder, 'recorded')),
    }
  } finally {
    await Promise.all(children.toReversed().map((child) => child.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

function environment(flooded: Flooded, port: number, folder: string): Record<string, string> {
  return {
    TOKENTRAIL_DIR: join(folder, 'recorded'),
    TOKENTRAIL_TRUSTED_HOPS: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/flooded`,
    OTEL_EXPORTER_OTLP_COMPRESSION: 'none',
    ...(flooded === 'bare' ? {} : { TOKENTRAIL_REJECTIONS_PER_SECOND: String(BUDGETS[flooded]) }),
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
