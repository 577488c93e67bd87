import type { RegistryLog } from './registry-log.ts'
import { toLogRecord } from './signing-endpoint.ts'

/** Options of {@link Forwarder}. */
export interface ForwarderOptions {
  readonly log: RegistryLog
  /** OTLP/HTTP endpoint, without `/v1/logs`. */
  readonly endpoint: string
  readonly fetch: typeof fetch
  /** Told once when it stops, and once when it goes on. */
  readonly onFault: (message: string) => void
}

/** Records of one request. */
const BATCH_RECORDS = 500
const REQUEST_MILLIS = 10_000
/** Where the forwarder stands, in the registry's own store. */
const CURSOR = 'forwarded'

/**
 * Sends the registry's log to the collector, so that it is kept where all logs are, under Object
 * Lock too. In order; the cursor moves on a full success, so that a crash only repeats records,
 * which carry the same ids.
 */
export class Forwarder {
  readonly #options: ForwarderOptions
  #next: number
  #running: Promise<void> | undefined
  #isBlocked = false

  constructor(options: ForwarderOptions) {
    this.#options = options
    const { database } = options.log
    const row = database.prepare('SELECT value FROM meta WHERE key = ?').get(CURSOR)
    this.#next = Number(row?.['value'] ?? 0)
  }

  /** Sends what is there, unless it is being sent. It never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#sendAll().finally(() => (this.#running = undefined))
    return this.#running
  }

  async #sendAll(): Promise<void> {
    const { log } = this.#options
    for (;;) {
      const texts = log.textsFrom(this.#next, BATCH_RECORDS)
      if (texts.length === 0 || !(await this.#send(texts))) return
      this.#next += texts.length
      log.database.prepare('INSERT OR REPLACE INTO meta VALUES (?, ?)').run(CURSOR, this.#next)
    }
  }

  async #send(texts: readonly string[]): Promise<boolean> {
    const { endpoint, fetch, onFault } = this.#options
    try {
      const response = await fetch(`${endpoint}/v1/logs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: formatMessage(this.#options.log.origin, texts),
        redirect: 'error',
        signal: AbortSignal.timeout(REQUEST_MILLIS),
      })
      await response.arrayBuffer()
      if (!response.ok) throw new Error(`it answered ${response.status}`)
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown error'
      if (!this.#isBlocked) onFault(`the registry's log cannot be sent to the collector: ${reason}`)
      this.#isBlocked = true
      return false
    }
    if (this.#isBlocked) onFault("the registry's log is sent to the collector again")
    this.#isBlocked = false
    return true
  }
}

/** One OTLP/JSON message, under the service that the log's origin names. */
function formatMessage(origin: string, texts: readonly string[]): string {
  const service = decodeURIComponent(origin.split('/', 1)[0] ?? '')
  const attributes = [{ key: 'service.name', value: { stringValue: service } }]
  const scope = { name: '@tokentrail/viewer' }
  const scopeLogs = [{ scope, logRecords: texts.map(toLogRecord) }]
  return JSON.stringify({ resourceLogs: [{ resource: { attributes }, scopeLogs }] })
}
