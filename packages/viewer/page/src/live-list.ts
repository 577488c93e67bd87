import { batch, signal, type ReadonlySignal, type Signal } from '@preact/signals'

import { createCoalescer, type Coalescer } from './coalesce.ts'
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
  readonly fetchPage: (before: string | null, signal: AbortSignal) => Promise<ListPage<Row>>
  /** Fetches rows that changed though they stand on no first page. Absent where rows never change. */
  readonly fetchRows?: (keys: readonly string[], signal: AbortSignal) => Promise<readonly Row[]>
}

/** State of a list beside its rows. */
export interface ListStatus {
  readonly phase: 'loading' | 'ready' | 'failed'
  readonly error: unknown
  readonly next: string | null
  readonly total: ListPage<unknown>['total']
  readonly loadingMore: boolean
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

/** A list that keeps itself up to date. One view owns it and closes it. */
export class LiveList<Row> {
  readonly #source: ListSource<Row>
  readonly #rows: Signal<LiveRows<Row>> = signal(emptyRows())
  readonly #status: Signal<ListStatus> = signal(LOADING)
  readonly #abort = new AbortController()
  readonly #refreshing: Coalescer
  /** Keys that changed since the last refresh. */
  readonly #changed = new Set<string>()
  #hold = false

  /** Opens the list and loads its first page. */
  constructor(source: ListSource<Row>) {
    this.#source = source
    this.#refreshing = createCoalescer(() => this.#refresh(), GAP_MILLIS)
    this.#refreshing.request()
  }

  get rows(): ReadonlySignal<LiveRows<Row>> {
    return this.#rows
  }

  get status(): ReadonlySignal<ListStatus> {
    return this.#status
  }

  keyOf(row: Row): string {
    return this.#source.keyOf(row)
  }

  /** Says that rows changed; `null` means any may have. */
  change(keys: readonly string[] | null): void {
    const shown = this.#rows.peek().shown
    for (const key of keys ?? shown.map(this.#source.keyOf)) this.#changed.add(key)
    this.#refreshing.request()
  }

  /** Loads the next older page. */
  more(): void {
    const { next, loadingMore } = this.#status.peek()
    if (next !== null && !loadingMore) void this.#loadOlder(next)
  }

  /** Holds new rows back while set; releases them when unset. */
  setHold(hold: boolean): void {
    this.#hold = hold
    if (!hold) this.release()
  }

  /** Puts the held rows in their places now. */
  release(): void {
    this.#rows.value = releaseHeld(this.#rows.peek(), this.#source)
  }

  /** Loads from the start again, after a failure. */
  reload(): void {
    this.#set({ phase: 'loading', error: null })
    this.#refreshing.request()
  }

  close(): void {
    this.#abort.abort()
    this.#refreshing.cancel()
  }

  async #refresh(): Promise<void> {
    try {
      const page = await this.#source.fetchPage(null, this.#abort.signal)
      this.#takeFirst(page)
      await this.#fetchChanged(page)
    } catch (error) {
      this.#fail(error)
    }
  }

  #takeFirst(page: ListPage<Row>): void {
    const first = this.#status.peek().phase !== 'ready'
    const merged = first
      ? appendPage(emptyRows<Row>(), page.rows, this.#source)
      : mergeLive(this.#rows.peek(), page.rows, this.#source, this.#hold)
    const trim = !this.#hold && merged.shown.length > MAX_ROWS
    const next = first || trim ? page.next : this.#status.peek().next
    batch(() => {
      this.#rows.value = trim
        ? { ...merged, shown: merged.shown.slice(0, page.rows.length) }
        : merged
      this.#set({ phase: 'ready', error: null, total: page.total, next })
    })
  }

  async #fetchChanged(page: ListPage<Row>): Promise<void> {
    const { keyOf, fetchRows } = this.#source
    const onPage = new Set(page.rows.map(keyOf))
    const shown = new Set(this.#rows.peek().shown.map(keyOf))
    const keys = [...this.#changed].filter((key) => shown.has(key) && !onPage.has(key))
    this.#changed.clear()
    if (fetchRows === undefined || keys.length === 0) return
    const fetched = await fetchRows(keys, this.#abort.signal)
    this.#rows.value = mergeLive(this.#rows.peek(), fetched, this.#source, this.#hold)
  }

  async #loadOlder(next: string): Promise<void> {
    this.#set({ loadingMore: true })
    try {
      const page = await this.#source.fetchPage(next, this.#abort.signal)
      batch(() => {
        this.#rows.value = appendPage(this.#rows.peek(), page.rows, this.#source)
        this.#set({ next: page.next, loadingMore: false })
      })
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#abort.signal.aborted) return
    const phase = this.#rows.peek().shown.length === 0 ? 'failed' : 'ready'
    this.#set({ error, loadingMore: false, phase })
  }

  #set(part: Partial<ListStatus>): void {
    this.#status.value = { ...this.#status.peek(), ...part }
  }
}
