import { join } from 'node:path'
import { Child } from '../child.ts'
import { chooseQuiet, MachineLoad } from '../machine-load.ts'
import { median } from '../measure.ts'
import type { Received } from '../sink.ts'

const PROGRAMS = { recorded: 'delivery/recorded.ts', stock: 'delivery/stock.ts' } as const

/** The two pipelines. */
export type Pipeline = keyof typeof PROGRAMS

/** What one round of delivery used, per record. */
export interface DeliveryUsage {
  /** CPU of the main thread while records were handed over, in microseconds. */
  readonly emitMicros: number
  /** CPU of the main thread until the last answer, in microseconds. */
  readonly mainMicros: number
  /** CPU of the whole process until the last answer, in microseconds. */
  readonly processMicros: number
  /** CPU of the thread that delivers until the last answer, in microseconds; stock has none. */
  readonly threadMicros?: number
  /** Records delivered in a second of wall time. */
  readonly perSecond: number
  /** Resident memory in bytes. */
  readonly rss: number
}

/** Size of the comparison. */
export interface DeliveryOptions {
  readonly rounds: number
  readonly records: number
  /** Of ours; stock knows no `zstd`, and sends gzip then. */
  readonly compression: 'none' | 'gzip' | 'zstd'
  /** Folder for the journal, and for the bodies that the sink keeps. */
  readonly folder: string
}

/** Medians over the rounds that count, and what the sink received in all. */
export interface DeliveryResult extends DeliveryUsage {
  readonly pipeline: Pipeline
  readonly emitted: number
  readonly received: Received
}

/** What the comparison gave. */
export interface DeliveryComparison {
  readonly compression: DeliveryOptions['compression']
  readonly rounds: number
  readonly records: number
  /** Rounds that count, of {@link rounds}. */
  readonly counted: number
  /** Share of the machine that others used meanwhile. */
  readonly outside: number
  readonly recorded: DeliveryResult
  readonly stock: DeliveryResult
}

interface Round {
  readonly outside: number
  readonly usages: ReadonlyMap<Pipeline, DeliveryUsage>
}

const WARM_UP = 3_000

/** Delivers the same facts through both pipelines to one sink, in alternating rounds. */
export async function compareDelivery(options: DeliveryOptions): Promise<DeliveryComparison> {
  const sink = new Child('sink.ts', { args: [options.folder] })
  const children: Child[] = [sink]
  try {
    const { port } = await sink.next<{ port: number }>()
    const names = Object.keys(PROGRAMS) as Pipeline[]
    const contestants = names.map((pipeline) => {
      const child = new Child(PROGRAMS[pipeline], { env: environment(pipeline, port, options) })
      children.push(child)
      return { pipeline, child }
    })
    for (const { child } of contestants) {
      await child.next()
      await child.ask<DeliveryUsage>({ count: WARM_UP })
    }
    const machine = new MachineLoad(() => children.map(({ pid }) => pid))
    const all: Round[] = []
    for (let round = 0; round < options.rounds; round += 1) {
      const usages = new Map<Pipeline, DeliveryUsage>()
      machine.lap()
      for (const { child, pipeline } of round % 2 === 0 ? contestants : contestants.toReversed()) {
        usages.set(pipeline, await child.ask<DeliveryUsage>({ count: options.records }))
      }
      all.push({ usages, outside: machine.lap() })
    }
    await Promise.all(contestants.map(({ child }) => child.stop()))
    const { received } = await sink.ask<{ received: Record<string, Received> }>({})
    const rounds = chooseQuiet(all)
    const emitted = WARM_UP + options.rounds * options.records
    const { compression, records } = options
    return {
      compression,
      records,
      rounds: all.length,
      counted: rounds.length,
      outside: median(rounds.map(({ outside }) => outside)),
      recorded: summarise('recorded', rounds, emitted, received['recorded']),
      stock: summarise('stock', rounds, emitted, received['stock']),
    }
  } finally {
    await Promise.all(children.toReversed().map((child) => child.stop()))
  }
}

function environment(
  pipeline: Pipeline,
  port: number,
  { compression, folder }: DeliveryOptions,
): Record<string, string> {
  return {
    TOKENTRAIL_DIR: join(folder, 'tokentrail'),
    OTEL_SERVICE_NAME: 'bench',
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/${pipeline}`,
    OTEL_EXPORTER_OTLP_COMPRESSION:
      pipeline === 'stock' && compression === 'zstd' ? 'gzip' : compression,
  }
}

function summarise(
  pipeline: Pipeline,
  rounds: readonly Round[],
  emitted: number,
  received: Received | undefined,
): DeliveryResult {
  if (received?.requests !== emitted) {
    throw new Error(`${pipeline}: ${received?.requests ?? 0} of ${emitted} records arrived`)
  }
  const usages = rounds.flatMap(({ usages }) => usages.get(pipeline) ?? [])
  const middle = (pick: (usage: DeliveryUsage) => number): number => median(usages.map(pick))
  const threads = usages.flatMap(({ threadMicros }) => threadMicros ?? [])
  return {
    pipeline,
    emitted,
    received,
    emitMicros: middle((usage) => usage.emitMicros),
    mainMicros: middle((usage) => usage.mainMicros),
    processMicros: middle((usage) => usage.processMicros),
    ...(threads.length === 0 ? {} : { threadMicros: median(threads) }),
    perSecond: middle((usage) => usage.perSecond),
    rss: usages.at(-1)?.rss ?? Number.NaN,
  }
}
