import { signal, type ReadonlySignal } from '@preact/signals'

import type { LiveChange } from '../../src/api-types.ts'

/** Whether changes are coming in. */
export type Connection = 'connecting' | 'live' | 'reconnecting'

/** What the stream needs of an `EventSource`. */
export interface EventStream {
  addEventListener(name: string, listener: (event: { readonly data?: unknown }) => void): void
  close(): void
}

/** Called with a change, or with `null` when changes may have been missed while disconnected. */
export type ChangeListener = (change: LiveChange | null) => void

/** The viewer's live stream, reopened whenever it breaks. */
export interface LiveStream {
  readonly connection: ReadonlySignal<Connection>
  /** Lets the connection go while nobody looks; browsers allow six to one server in all tabs. */
  suspend(): void
  /** Connects again after {@link LiveStream.suspend}. */
  resume(): void
  /** Returns the function that ends the subscription. */
  subscribe(listener: ChangeListener): () => void
  close(): void
}

/** Ports and bounds of {@link openLiveStream}. */
export interface LiveStreamOptions {
  readonly open: () => EventStream
  /** Silence after which the stream counts as broken. Default is 40000: two pings and a half. */
  readonly silenceMillis?: number
  /** First wait before reopening; it doubles up to eight times this. Default is 500. */
  readonly retryMillis?: number
}

/**
 * Opens the stream and keeps it open. `EventSource` gives up for good on an HTTP error and does not
 * notice a dead connection, so reopening is done here.
 */
export function openLiveStream(options: LiveStreamOptions): LiveStream {
  const { open, silenceMillis = 40_000, retryMillis = 500 } = options
  const connection = signal<Connection>('connecting')
  const listeners = new Set<ChangeListener>()
  let stream: EventStream | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0
  const tell = (change: LiveChange | null): void => {
    for (const listener of listeners) listener(change)
  }
  const wait = (millis: number, then: () => void): void => {
    clearTimeout(timer)
    timer = setTimeout(then, millis)
  }
  const lose = (): void => {
    stream?.close()
    connection.value = 'reconnecting'
    // The API may answer though the stream does not: then asking for everything stands in for it.
    if (failures > 0) tell(null)
    wait(retryMillis * 2 ** Math.min(failures, 3), connect)
    failures += 1
  }
  const stayAlive = (): void => wait(silenceMillis, lose)
  const welcome = (): void => {
    stayAlive()
    const missed = connection.value === 'reconnecting'
    failures = 0
    connection.value = 'live'
    if (missed) tell(null)
  }
  const connect = (): void => {
    const opened = open()
    stream = opened
    stayAlive()
    const guard = (act: (data: unknown) => void) => (event: { readonly data?: unknown }) => {
      if (stream === opened) act(event.data)
    }
    opened.addEventListener('open', guard(welcome))
    opened.addEventListener('ping', guard(stayAlive))
    opened.addEventListener('error', guard(lose))
    opened.addEventListener(
      'change',
      guard((data) => {
        stayAlive()
        tell(parseChange(data))
      }),
    )
  }
  connect()
  return {
    connection,
    suspend() {
      clearTimeout(timer)
      stream?.close()
      stream = undefined
    },
    resume() {
      if (stream !== undefined) return
      connection.value = 'reconnecting'
      connect()
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close() {
      clearTimeout(timer)
      stream?.close()
      stream = undefined
      listeners.clear()
    },
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
