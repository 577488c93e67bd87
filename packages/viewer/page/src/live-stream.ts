import { signal, type ReadonlySignal, type Signal } from '@preact/signals'

import type { LiveChange } from '../../src/api-types.ts'

/** Whether changes are coming in. */
export type Connection = 'connecting' | 'live' | 'reconnecting'

/** What the stream needs of an `EventSource`. */
export interface EventStream {
  addEventListener(name: string, listener: (event: { readonly data?: unknown }) => void): void
  close(): void
}

/** Called with a change, or with `null` when changes may have been missed before a connection. */
export type ChangeListener = (change: LiveChange | null) => void

/** Ports and bounds of {@link LiveStream}. */
export interface LiveStreamOptions {
  readonly open: () => EventStream
  /** Silence after which the stream counts as broken. Default is 40000: two pings and a half. */
  readonly silenceMillis?: number
  /** First wait before reopening; it doubles up to eight times this. Default is 500. */
  readonly retryMillis?: number
}

/**
 * The viewer's live stream, kept open. `EventSource` gives up for good on an HTTP error and does
 * not notice a dead connection, so reopening is done here.
 */
export class LiveStream {
  readonly #open: () => EventStream
  readonly #silenceMillis: number
  readonly #retryMillis: number
  readonly #connection: Signal<Connection> = signal('connecting')
  readonly #listeners = new Set<ChangeListener>()
  #stream: EventStream | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #failures = 0

  constructor(options: LiveStreamOptions) {
    this.#open = options.open
    this.#silenceMillis = options.silenceMillis ?? 40_000
    this.#retryMillis = options.retryMillis ?? 500
    this.#connect()
  }

  get connection(): ReadonlySignal<Connection> {
    return this.#connection
  }

  /** Returns the function that ends the subscription. */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Lets the connection go while nobody looks; browsers allow six to one server in all tabs. */
  suspend(): void {
    clearTimeout(this.#timer)
    this.#stream?.close()
    this.#stream = undefined
  }

  /** Connects again after {@link LiveStream.suspend}. */
  resume(): void {
    if (this.#stream !== undefined) return
    this.#connection.value = 'reconnecting'
    this.#connect()
  }

  close(): void {
    this.suspend()
    this.#listeners.clear()
  }

  #connect(): void {
    const stream = this.#open()
    this.#stream = stream
    this.#awaitSign()
    const listen = (name: string, act: (data: unknown) => void): void => {
      stream.addEventListener(name, (event) => {
        if (this.#stream === stream) act(event.data)
      })
    }
    listen('open', () => this.#welcome())
    listen('ping', () => this.#awaitSign())
    listen('error', () => this.#lose())
    listen('change', (data) => {
      this.#awaitSign()
      this.#tell(parseChange(data))
    })
  }

  #welcome(): void {
    this.#awaitSign()
    this.#failures = 0
    this.#connection.value = 'live'
    // At the first connection too: what changed between a view's first query and now reached nobody.
    this.#tell(null)
  }

  #lose(): void {
    this.#stream?.close()
    this.#connection.value = 'reconnecting'
    // The API may answer though the stream does not: then asking for everything stands in for it.
    if (this.#failures > 0) this.#tell(null)
    this.#wait(this.#retryMillis * 2 ** Math.min(this.#failures, 3), () => this.#connect())
    this.#failures += 1
  }

  #awaitSign(): void {
    this.#wait(this.#silenceMillis, () => this.#lose())
  }

  #wait(millis: number, then: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(then, millis)
  }

  #tell(change: LiveChange | null): void {
    for (const listener of this.#listeners) listener(change)
  }
}

function parseChange(data: unknown): LiveChange | null {
  if (typeof data !== 'string') return null
  try {
    return JSON.parse(data) as LiveChange
  } catch {
    return null
  }
}
