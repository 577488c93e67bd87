import type { ServerResponse } from 'node:http'
import type { LiveChange, RecordRow } from '../api-types.ts'
import type { Store, StoreChange } from '../store/store.ts'

/** Options of {@link createLive}. */
export interface LiveOptions {
  readonly store: Store
  /** At most 32 pages may follow. Default is 32. */
  readonly maxClients?: number
  /** Shortest time between two changes sent. Default is 200. */
  readonly intervalMillis?: number
  /** Default is 15000. */
  readonly pingMillis?: number
  /**
   * A reader that lets more than so many bytes pile up is cut off; its page connects again and
   * loads afresh. Default is 1048576 (1 MiB).
   */
  readonly maxUnreadBytes?: number
}

/** Tells open pages what changed. */
export interface Live {
  /** Starts an event stream; returns false when there are too many. */
  add(response: ServerResponse): boolean
  /** Pages that follow now. */
  readonly clients: number
  close(): void
}

const MAX_ROWS = 50
const MAX_NAMES = 500

/** Makes the event stream of `GET /api/live`. It owns its timers and the streams it was given. */
export function createLive(options: LiveOptions): Live {
  const { store, maxClients = 32, intervalMillis = 200, pingMillis = 15_000 } = options
  const maxUnreadBytes = options.maxUnreadBytes ?? 1024 * 1024
  const clients = new Set<ServerResponse>()
  let pending: StoreChange | undefined
  let timer: NodeJS.Timeout | undefined

  function send(event: string, data: object): void {
    const message = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
    for (const client of clients) {
      if (client.writableLength > maxUnreadBytes) client.destroy()
      else client.write(message)
    }
  }

  function flush(): void {
    timer = undefined
    if (pending === undefined) return
    const change = toLiveChange(pending, store)
    pending = undefined
    send('change', change)
  }

  const unsubscribe = store.subscribe((change) => {
    if (clients.size === 0) return
    pending = pending === undefined ? change : mergeChanges(pending, change)
    timer ??= setTimeout(flush, intervalMillis).unref()
  })
  const ping = setInterval(() => send('ping', {}), pingMillis).unref()

  return {
    add(response) {
      if (clients.size >= maxClients) return false
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
      })
      response.write('retry: 1000\n\n')
      clients.add(response)
      response.on('close', () => clients.delete(response))
      return true
    },
    get clients() {
      return clients.size
    },
    close() {
      unsubscribe()
      clearInterval(ping)
      clearTimeout(timer)
      for (const client of clients) client.destroy()
      clients.clear()
    },
  }
}

function mergeChanges(a: StoreChange, b: StoreChange): StoreChange {
  return {
    records: [...a.records, ...b.records].slice(-MAX_ROWS),
    sessions: [...new Set([...a.sessions, ...b.sessions])].slice(-MAX_NAMES),
    logs: [...new Set([...a.logs, ...b.logs])].slice(-MAX_NAMES),
  }
}

function toLiveChange(change: StoreChange, store: Store): LiveChange {
  const rows = change.records.slice(-MAX_ROWS).map((id) => store.row(id))
  return {
    records: rows.filter((row): row is RecordRow => row !== undefined),
    sessions: change.sessions.slice(-MAX_NAMES),
    logs: change.logs.slice(-MAX_NAMES),
  }
}
