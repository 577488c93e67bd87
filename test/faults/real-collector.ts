/**
 * A real collector is killed and restarted while a process records through it, with its queue on
 * disk, in memory and off. What the backend behind it has is compared with what was acknowledged.
 *
 *     node test/faults/real-collector.ts [--kills 10] [--seed N]   (needs a collector, or Go to build one)
 *
 * With the queue on disk or off nothing may be absent. A queue in memory dies with its process
 * after the collector has said 200: what it cost is counted, and replaying the journal must bring
 * it back.
 */
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import {
  type ExporterSettings,
  drainSlot,
  inspectJournal,
  loadOrCreateKeys,
  replayJournal,
} from '@tokentrail/exporter'
import { findCollector } from '../../packages/cli/src/collector/find-collector.ts'
import {
  type RunningCollector,
  startCollector,
} from '../../packages/cli/src/collector/run-collector.ts'
import { createChance, freshSeed } from './support/chance.ts'
import { inFolder } from './support/folder.ts'
import { fsckAll, verifyFile } from './support/inspect.ts'
import { type Outcome, readNumbers, runLongForm } from './support/long-form.ts'
import { type ScriptedReceiver, startReceiver } from './support/receiver.ts'
import { faultSettings } from './support/settings.ts'
import { until } from './support/until.ts'
import { type WriterProcess, startWriter } from './support/writer-process.ts'

/** Where the collector keeps what the backend has not taken. */
export type Queue = 'disk' | 'memory' | 'off'

const root = resolve(import.meta.dirname, '../..')

/** Laid over the repository's configuration. */
const OVERLAYS: Readonly<Record<Queue, string>> = {
  disk: '{}\n',
  memory: 'exporters: { otlp_http/viewer: { sending_queue: { storage: null } } }\n',
  off: 'exporters: { otlp_http/viewer: { sending_queue: { enabled: false } } }\n',
}

/** Gives the collector's program, or why there is none. */
export async function findRealCollector(): Promise<
  { readonly path: string } | { readonly reason: string }
> {
  const found = await findCollector({ root })
  return found.status === 'found' ? { path: found.path } : { reason: found.reason }
}

function findAbsent(backend: ScriptedReceiver, writer: WriterProcess): number[] {
  const numbers = new Set([...backend.arrivals.logs.values()].flatMap((log) => [...log.numbers]))
  return [...writer.acknowledged].filter((number) => !numbers.has(number))
}

/** Kills the collector again and again, each time with a backend that had refused for a moment. */
async function killRepeatedly(
  start: () => Promise<RunningCollector>,
  first: RunningCollector,
  backend: ScriptedReceiver,
  kills: number,
  chance: () => number,
): Promise<RunningCollector> {
  let running = first
  for (let kill = 0; kill < kills; kill++) {
    backend.script = () => 503
    await pause(100 + chance() * 400)
    running.kill()
    await running.exited
    backend.script = () => 200
    running = await start()
    await pause(chance() * 300)
  }
  return running
}

export function killCollector(
  path: string,
  queue: Queue,
  kills: number,
  seed: number,
): Promise<Outcome> {
  return inFolder(async (folder) => {
    const file = join(folder, 'arrived.jsonl')
    const backend = await startReceiver(file)
    const overlay = join(folder, 'overlay.yaml')
    writeFileSync(overlay, OVERLAYS[queue])
    let endpoint = '127.0.0.1:0'
    const start = (): Promise<RunningCollector> =>
      startCollector({
        path,
        configPaths: [join(root, 'otel-collector-config.yaml'), overlay],
        otlpEndpoint: endpoint,
        viewerEndpoint: new URL(backend.url).origin,
        exportFolder: join(folder, 'export'),
        queueFolder: join(folder, 'queue'),
      })
    let running = await start()
    endpoint = new URL(running.otlpUrl).host
    const directory = join(folder, 'data')
    const url = `${running.otlpUrl}/v1/logs`
    const options = { directory, endpoint: url, durability: 'process', pauseMillis: 5 } as const
    const writer = startWriter({ ...options, stays: true })
    const problems: string[] = []
    try {
      await writer.until(1)
      running = await killRepeatedly(start, running, backend, kills, createChance(seed))
      writer.child.kill('SIGKILL')
      await writer.ended()
      const settings = faultSettings({ directory, endpoint: url })
      const lost = await countLost(backend, writer, queue, settings)
      const absent = findAbsent(backend, writer)
      if (absent.length > 0) problems.push(`${queue}: ${absent.length} absent, first ${absent[0]}`)
      problems.push(
        ...fsckAll(directory),
        // What a collector that dies sends again, and in which order, is its own matter.
        ...backend.arrivals.problems.filter((problem) => problem.includes('other bytes')),
        ...(await verifyFile(directory, file)),
      )
      const count = writer.acknowledged.size
      const figures = `collector, queue ${queue}: seed ${seed}, ${kills} kills, ${count} acknowledged, ${lost} lost by the collector`
      return { figures, problems }
    } finally {
      writer.child.kill('SIGKILL')
      running.kill()
      await running.exited
      await backend.close()
    }
  })
}

/** Brings what the journal still has, then, where the queue was in memory, what it has had. */
async function countLost(
  backend: ScriptedReceiver,
  writer: WriterProcess,
  queue: Queue,
  settings: ExporterSettings,
): Promise<number> {
  const keys = loadOrCreateKeys(settings)
  await drainSlot({ settings, keys, recorderVersion: '0.1.0', patienceMillis: 20_000 })
  const isWhole = (): boolean => findAbsent(backend, writer).length === 0
  if (queue !== 'memory') {
    await until('everything is at the backend', isWhole, 30_000).catch(() => undefined)
    return findAbsent(backend, writer).length
  }
  await pause(2_000)
  const lost = findAbsent(backend, writer).length
  await replayJournal({
    logs: inspectJournal(settings.directory),
    settings,
    from: 0n,
    erased: new Set(),
    userAgent: 'tokentrail/0.1.0',
    patienceMillis: 20_000,
  })
  await until('everything is at the backend', isWhole, 30_000).catch(() => undefined)
  return lost
}

if (import.meta.main) {
  const { kills, seed } = readNumbers({ kills: 10, seed: freshSeed() })
  await runLongForm(async () => {
    const found = await findRealCollector()
    if ('reason' in found) return { figures: `collector: skipped, ${found.reason}`, problems: [] }
    const outcomes: Outcome[] = []
    for (const queue of ['disk', 'memory', 'off'] as const) {
      outcomes.push(await killCollector(found.path, queue, kills, seed))
    }
    const figures = outcomes.map((outcome) => outcome.figures).join('\n')
    return { figures, problems: outcomes.flatMap((outcome) => outcome.problems) }
  })
}
