import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import type { LiveChange } from '../../src/api-types.ts'
import { LiveStream, type EventStream } from '../../page/src/live-stream.ts'

class FakeStream implements EventStream {
  closed = false
  readonly #listeners = new Map<string, (event: { readonly data?: unknown }) => void>()

  addEventListener(name: string, listener: (event: { readonly data?: unknown }) => void): void {
    this.#listeners.set(name, listener)
  }

  close(): void {
    this.closed = true
  }

  send(name: string, data?: string): void {
    this.#listeners.get(name)?.({ data })
  }
}

function start() {
  const streams: FakeStream[] = []
  const changes: (LiveChange | null)[] = []
  const live = new LiveStream({
    open: () => {
      const stream = new FakeStream()
      streams.push(stream)
      return stream
    },
    silenceMillis: 1_000,
    retryMillis: 100,
  })
  live.subscribe((change) => void changes.push(change))
  return { live, streams, changes }
}

const CHANGE = { records: [], sessions: ['s'], logs: [] }

describe('LiveStream', () => {
  beforeEach(() => void vi.useFakeTimers())
  afterEach(() => void vi.useRealTimers())

  it('hands changes on once it is open', () => {
    const { live, streams, changes } = start()
    expect(live.connection.value).toBe('connecting')
    streams[0]!.send('open')
    streams[0]!.send('change', JSON.stringify(CHANGE))
    expect(live.connection.value).toBe('live')
    expect(changes).toEqual([null, CHANGE])
  })

  it('says at the first connection that changes may have been missed before it', () => {
    const { streams, changes } = start()
    streams[0]!.send('open')
    expect(changes).toEqual([null])
  })

  it('opens again after an error and says that changes were missed', () => {
    const { live, streams, changes } = start()
    streams[0]!.send('open')
    streams[0]!.send('error')
    expect(live.connection.value).toBe('reconnecting')
    expect(streams[0]!.closed).toBe(true)
    vi.advanceTimersByTime(100)
    streams[1]!.send('open')
    expect(live.connection.value).toBe('live')
    expect(changes).toEqual([null, null])
  })

  it('waits longer after each failure, within bounds', () => {
    const { streams } = start()
    for (const wait of [100, 200, 400, 800, 800]) {
      streams.at(-1)!.send('error')
      const before = streams.length
      vi.advanceTimersByTime(wait - 1)
      expect(streams.length).toBe(before)
      vi.advanceTimersByTime(1)
      expect(streams.length).toBe(before + 1)
    }
  })

  it('asks for everything while only the stream is refused', () => {
    const { streams, changes } = start()
    streams[0]!.send('error')
    vi.advanceTimersByTime(100)
    streams[1]!.send('error')
    expect(changes).toEqual([null])
  })

  it('takes silence for a broken connection, and a ping for a living one', () => {
    const { live, streams } = start()
    streams[0]!.send('open')
    vi.advanceTimersByTime(900)
    streams[0]!.send('ping')
    vi.advanceTimersByTime(900)
    expect(live.connection.value).toBe('live')
    vi.advanceTimersByTime(100)
    expect(live.connection.value).toBe('reconnecting')
  })

  it('ignores what an abandoned stream still says', () => {
    const { live, streams, changes } = start()
    streams[0]!.send('open')
    streams[0]!.send('error')
    vi.advanceTimersByTime(100)
    streams[0]!.send('change', JSON.stringify(CHANGE))
    streams[0]!.send('open')
    expect(changes).toEqual([null])
    expect(live.connection.value).toBe('reconnecting')
  })

  it('takes an unreadable change for one that may concern anything', () => {
    const { streams, changes } = start()
    streams[0]!.send('open')
    streams[0]!.send('change', '{')
    expect(changes).toEqual([null, null])
  })

  it('lets go while nobody looks and catches up after', () => {
    const { live, streams, changes } = start()
    streams[0]!.send('open')
    live.suspend()
    expect(streams[0]!.closed).toBe(true)
    vi.advanceTimersByTime(60_000)
    expect(streams.length).toBe(1)
    live.resume()
    live.resume()
    expect(streams.length).toBe(2)
    streams[1]!.send('open')
    expect(changes).toEqual([null, null])
  })

  it('stays closed', () => {
    const { live, streams } = start()
    streams[0]!.send('error')
    live.close()
    vi.advanceTimersByTime(60_000)
    expect(streams.length).toBe(1)
  })
})
