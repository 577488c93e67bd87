import { batch, signal, type ReadonlySignal } from '@preact/signals'

import { createCoalescer } from './coalesce.ts'
import {
  appendPage,
  emptyRows,
  mergeLive,
  releaseHeld,
  type LiveRows,
  type RowOrder,
} from './live-merge.ts'

/** One page of a list, newest first. */
export interface ListPage<Row> {
  readonly rows: readonly Row[]
  /** Cursor of the next older page, `null` on the last. */
  readonly next: string | null
  /** How many rows match in all, where the API counts them. */
  readonly total: { readonly count: number; readonly capped: boolean } | null
}

/** Where a list gets its rows from. */
export interface ListSource<Row> extends RowOrder<Row> {
  fetchPage(before: string | null, signal: AbortSignal): Promise<ListPage<Row>>
  /** Fetches rows that changed though they stand on no first page. Absent where rows never change. */
  fetchRows?(keys: readonly string[], signal: AbortSignal): Promise<readonly Row[]>
}

/** State of a list beside its rows. */
export interface ListStatus {
  readonly phase: 'loading' | 'ready' | 'failed'
  readonly error: unknown
  readonly next: string | null
  readonly total: ListPage<unknown>['total']
  readonly loadingMore: boolean
}

/** A list that keeps itself up to date. One view owns it and closes it. */
export interface LiveList<Row> {
  readonly keyOf: (row: Row) => string
  readonly rows: ReadonlySignal<LiveRows<Row>>
  readonly status: ReadonlySignal<ListStatus>
  /** Says that rows changed; `null` means any may have. */
  change(keys: readonly string[] | null): void
  /** Loads the next older page. */
  more(): void
  /** Holds new rows back while set; releases them when unset. */
  setHold(hold: boolean): void
  /** Puts the held rows in their places now. */
  release(): void
  /** Loads from the start again, after a failure. */
  reload(): void
  close(): void
}

const LOADING: ListStatus = {
  phase: 'loading',
  error: null,
  next: null,
  total: null,
  loadingMore: false,
}

// Beyond this many rows a list that nobody reads drops its tail, so that a page left open for days
// stays small.
const MAX_ROWS = 400

/** Least time between two queries of a list that changes all the time. */
const GAP_MILLIS = 300

/** Opens a list on a source and loads its first page. */
export function openLiveList<Row>(source: ListSource<Row>): LiveList<Row> {
  const rows = signal<LiveRows<Row>>(emptyRows())
  const status = signal<ListStatus>(LOADING)
  const abort = new AbortController()
  const changed = new Set<string>()
  let hold = false
  const set = (part: Partial<ListStatus>): void => {
    status.value = { ...status.peek(), ...part }
  }
  const fail = (error: unknown): void => {
    if (abort.signal.aborted) return
    set({ error, loadingMore: false, phase: rows.peek().shown.length === 0 ? 'failed' : 'ready' })
  }
  const takeFirst = (page: ListPage<Row>): void => {
    const before = rows.peek()
    const first = status.peek().phase !== 'ready'
    const merged = first
      ? appendPage(emptyRows<Row>(), page.rows, source)
      : mergeLive(before, page.rows, source, hold)
    const trim = !hold && merged.shown.length > MAX_ROWS
    batch(() => {
      rows.value = trim ? { ...merged, shown: merged.shown.slice(0, page.rows.length) } : merged
      const next = first || trim ? page.next : status.peek().next
      set({ phase: 'ready', error: null, total: page.total, next })
    })
  }
  const fetchChanged = async (page: ListPage<Row>): Promise<void> => {
    const onPage = new Set(page.rows.map(source.keyOf))
    const shown = new Set(rows.peek().shown.map(source.keyOf))
    const keys = [...changed].filter((key) => shown.has(key) && !onPage.has(key))
    changed.clear()
    if (source.fetchRows === undefined || keys.length === 0) return
    const fetched = await source.fetchRows(keys, abort.signal)
    rows.value = mergeLive(rows.peek(), fetched, source, hold)
  }
  const refresh = async (): Promise<void> => {
    try {
      const page = await source.fetchPage(null, abort.signal)
      takeFirst(page)
      await fetchChanged(page)
    } catch (error) {
      fail(error)
    }
  }
  const older = async (next: string): Promise<void> => {
    set({ loadingMore: true })
    try {
      const page = await source.fetchPage(next, abort.signal)
      batch(() => {
        rows.value = appendPage(rows.peek(), page.rows, source)
        set({ next: page.next, loadingMore: false })
      })
    } catch (error) {
      fail(error)
    }
  }
  const refreshing = createCoalescer(refresh, GAP_MILLIS)
  refreshing.request()
  return {
    keyOf: source.keyOf,
    rows,
    status,
    change(keys) {
      for (const key of keys ?? rows.peek().shown.map(source.keyOf)) changed.add(key)
      refreshing.request()
    },
    more() {
      const { next, loadingMore } = status.peek()
      if (next !== null && !loadingMore) void older(next)
    },
    setHold(wanted) {
      hold = wanted
      if (!wanted) rows.value = releaseHeld(rows.peek(), source)
    },
    release() {
      rows.value = releaseHeld(rows.peek(), source)
    },
    reload() {
      set({ phase: 'loading', error: null })
      refreshing.request()
    },
    close() {
      abort.abort()
      refreshing.cancel()
    },
  }
}
