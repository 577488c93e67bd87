import { Worker } from 'node:worker_threads'
import { ExporterError } from '../../errors.ts'
import type { PartReport, PartRequest } from './messages.ts'
import type { ExportPart, PartResult } from './part-reader.ts'

/** Nearly everything that a reader makes is garbage at once: a larger nursery only fills memory. */
const YOUNG_GENERATION_MIB = 16

/** What the pool is told and tells. */
export interface PartPoolOptions {
  readonly threads: number
  readonly bound: { readonly maxLineBytes?: number }
  readonly onBytes: (bytes: number) => void
}

/**
 * Reads parts in several threads, each of which takes the next one when it is done; gives the
 * results in the order of the parts. The threads end when the generator does.
 *
 * @throws {ExporterError} `ERR_EXPORTER_EXPORT_UNREADABLE` for a file that cannot be opened.
 */
export async function* readParts(
  parts: readonly ExportPart[],
  { threads, bound, onBytes }: PartPoolOptions,
): AsyncGenerator<PartResult> {
  const results = parts.map(() => createDeferred())
  // Whoever waits for an earlier one has not come to it yet.
  for (const { promise } of results) promise.catch(() => undefined)
  let next = 0
  const workers = Array.from({ length: Math.min(threads, parts.length) }, () => {
    const worker = startWorker()
    let at = -1
    const takeNext = (): void => {
      at = next++
      const part = parts[at]
      if (part === undefined) void worker.terminate()
      else worker.postMessage({ part, bound } satisfies PartRequest, [])
    }
    worker.on('message', (report: PartReport) => {
      if (report.type === 'progress') return onBytes(report.bytes)
      if (report.type === 'result') results[at]?.resolve(report.result)
      else results[at]?.reject(new ExporterError('ERR_EXPORTER_EXPORT_UNREADABLE', report.message))
      takeNext()
    })
    worker.on('error', (error) => results[at]?.reject(error))
    takeNext()
    return worker
  })
  try {
    for (const { promise } of results) yield await promise
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
}

/** A promise, and what settles it. */
interface Deferred {
  readonly promise: Promise<PartResult>
  readonly resolve: (result: PartResult) => void
  readonly reject: (error: unknown) => void
}

function createDeferred(): Deferred {
  let settle: Omit<Deferred, 'promise'> | undefined
  const promise = new Promise<PartResult>((resolve, reject) => (settle = { resolve, reject }))
  return { promise, ...settle! }
}

/** From source the thread runs TypeScript too, and finds the sources of other packages. */
function startWorker(): Worker {
  const isSource = import.meta.url.endsWith('.ts')
  return new Worker(new URL(`./shard-worker.${isSource ? 'ts' : 'js'}`, import.meta.url), {
    name: 'tokentrail-reader',
    // No flags and no environment of the application: a preload must not start a recorder in there.
    execArgv: isSource ? ['--conditions=@tokentrail/source'] : [],
    env: {},
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
  })
}
