import { Worker } from 'node:worker_threads'
import type { WorkerConfiguration, WorkerReport, WorkerRequest } from './messages.ts'

/** What delivers, as the recording thread sees it. */
export interface DeliveryThread {
  post(request: WorkerRequest): void
  stop(): Promise<unknown>
}

/** What the recording thread is told. */
export interface DeliveryThreadEvents {
  readonly report: (report: WorkerReport) => void
  /** It is about to end: `reason` is an error's name. */
  readonly failed: (reason: string) => void
  readonly ended: () => void
}

/** Starts what delivers. A test runs a `DeliveryWorker` in its own thread instead. */
export interface StartDelivery {
  (configuration: WorkerConfiguration, events: DeliveryThreadEvents): DeliveryThread
}

/** Young generation of the thread's heap: batches live in buffers, so little is enough. */
const YOUNG_GENERATION_MIB = 4

/** Starts a thread that keeps no process alive. */
export const startDeliveryThread: StartDelivery = (configuration, events) => {
  // No flags and no environment: a preload of the application must not start a recorder in there.
  const worker = new Worker(workerUrl(), {
    name: 'tokentrail-delivery',
    workerData: configuration,
    execArgv: [],
    env: {},
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
  })
  worker.on('message', events.report)
  worker.on('error', (error: Error) => events.failed(error.name))
  worker.on('exit', events.ended)
  // Last: a listener for messages makes the thread keep the process alive again.
  worker.unref()
  return { post: (request) => worker.postMessage(request, []), stop: () => worker.terminate() }
}

/** From source the thread runs TypeScript too, as the file that made it does. */
function workerUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./worker.${extension}`, import.meta.url)
}
