import {
  openLog,
  resolveExporterOptions,
  type RecorderKeys,
  type RecordLog,
} from '@tokentrail/exporter'
import { createSessionizer, type RecordDraft } from '@tokentrail/session'
import type { Store, StoreChange } from '../store/store.ts'
import { VERSION } from '../version.ts'
import type { ViewerSettings } from '../viewer-options.ts'
import { readForSessionizer, restoreSessionizer } from './restore.ts'

/** Options of {@link startSessionizer}. */
export interface StartSessionizerOptions {
  readonly settings: ViewerSettings
  readonly keys: RecorderKeys
  readonly store: Store
  /** Address of the viewer itself, where derived records go when no endpoint is set. */
  readonly url: string
  /** Nanoseconds since 1970 UTC. */
  readonly now: () => bigint
  readonly onFault: (error: unknown) => void
}

/** The sessionizer as it runs in the viewer. */
export interface RunningSessionizer {
  /** Derives nothing more, seals the log. Returns whether everything was delivered. Idempotent. */
  readonly seal: () => Promise<boolean>
}

/** Service name of the viewer's own log. */
const SERVICE_NAME = 'tokentrail-viewer'

const TICK_MILLIS = 1000
const DELIVERY_MILLIS = 5000

/**
 * Runs the sessionizer over everything that the store takes in, and appends what it derives to a
 * log of its own; those records come back through the receiver like all others. It begins when what
 * an earlier viewer derived is delivered: that must not be derived again, and until then nobody
 * would get to see what is derived now.
 */
export function startSessionizer(options: StartSessionizerOptions): RunningSessionizer {
  const { settings, store, now, onFault } = options
  const log = openOwnLog(options)
  const sessionizer = createSessionizer({ idleMillis: settings.sessionIdleMillis })
  let unsubscribe = (): void => undefined
  let timer: NodeJS.Timeout | undefined
  let sealed: Promise<boolean> | undefined

  function record(derive: () => readonly RecordDraft[]): void {
    try {
      for (const draft of derive()) log.append(draft)
    } catch (error) {
      onFault(error)
    }
  }

  function take({ records }: StoreChange): void {
    for (const id of records) {
      const found = readForSessionizer(store, id)
      if (found !== undefined) record(() => sessionizer.add(found, now()))
    }
  }

  async function start(): Promise<void> {
    while (!(await log.flush(DELIVERY_MILLIS))) if (sealed !== undefined) return
    if (sealed !== undefined) return
    record(() => restoreSessionizer(sessionizer, store, now()))
    unsubscribe = store.subscribe(take)
    timer = setInterval(() => record(() => sessionizer.tick(now())), TICK_MILLIS).unref()
  }
  start().catch(onFault)

  async function seal(): Promise<boolean> {
    clearInterval(timer)
    unsubscribe()
    return log.shutdown(DELIVERY_MILLIS)
  }

  return { seal: () => (sealed ??= seal()) }
}

function openOwnLog({ settings, keys, url, onFault }: StartSessionizerOptions): RecordLog {
  const { directory, endpoint, signingKeyFile, pseudonymKeyFile } = settings
  // The variables of the OTLP exporter speak of a collector; to the viewer itself nothing is sent
  // but the records.
  const env = endpoint === undefined ? {} : process.env
  return openLog({
    settings: resolveExporterOptions(
      {
        directory,
        signingKeyFile,
        pseudonymKeyFile,
        resource: { 'service.name': SERVICE_NAME, 'service.version': VERSION },
        endpoint: `${endpoint ?? url}/v1/logs`,
      },
      env,
    ),
    keys,
    recorderVersion: VERSION,
    onHealth: ({ message }) => onFault(message),
  })
}
