import { CHECKPOINT_TYPE } from '@tokentrail/ledger'
import { LogTree } from '../logs/log-tree.ts'
import type { LogState } from '../api-types.ts'
import type { StoredLog } from '../store/log-table.ts'
import type { Store } from '../store/store.ts'
import type { Registry } from './registry.ts'

/** Options of {@link HeadFeeder}. */
export interface HeadFeederOptions {
  readonly registry: Registry
  readonly store: Store
  /** State of a log of the store. */
  readonly stateOf: (log: StoredLog) => LogState
  /** POSIX seconds. */
  readonly nowSeconds: () => number
}

/** How old a running log's head in the registry becomes before a newer one is taken. */
const HEAD_SECONDS = 3_600

/**
 * Gives the registry the heads of the logs that pass through the viewer: at their end, when they
 * are adopted, and hourly while they run. The viewer holds every leaf, so it can say whether one
 * head follows from another, and that two do not.
 */
export class HeadFeeder {
  readonly #options: HeadFeederOptions
  /**
   * Logs of which more may be to be said, each with the checkpoints in the place of another record
   * that were offered. A log that has ended is none until something comes for it.
   */
  readonly #open = new Map<string, Set<string>>()
  readonly #unsubscribe: () => void

  constructor(options: HeadFeederOptions) {
    this.#options = options
    const { store } = options
    for (const { origin } of store.tables.logs.all()) this.#open.set(origin, new Set())
    this.#unsubscribe = store.subscribe(({ logs }) => {
      for (const origin of logs) if (!this.#open.has(origin)) this.#open.set(origin, new Set())
    })
  }

  /** Logs that are looked at. */
  get open(): number {
    return this.#open.size
  }

  /** Looks at every log that is open, and offers what is due. Returns how many heads were new. */
  run(): number {
    const { store, registry } = this.#options
    let added = 0
    for (const origin of this.#open.keys()) {
      const log = store.tables.logs.find(origin)
      if (log === undefined || !registry.knows(origin)) this.#open.delete(origin)
      else added += this.#feed(log)
    }
    return added
  }

  /** Hears of nothing more. */
  close(): void {
    this.#unsubscribe()
  }

  #feed(log: StoredLog): number {
    const { registry, stateOf, nowSeconds } = this.#options
    const state = stateOf(log)
    const contradictions = this.#offerContradictions(log)
    const held = registry.headOf(log.origin)
    const isSealed = state.state === 'sealed'
    const isNew = state.signedSize > 0 && state.signedSize !== held?.size
    const isDue = isSealed || held === undefined || nowSeconds() - held.seconds >= HEAD_SECONDS
    let added = 0
    if (isNew && isDue) added = this.#offer(log, state)
    // Of one that fell silent there is nothing more to say either, until something comes.
    const isSilent = state.state === 'unsealed' && !isNew
    if (isSealed || isSilent) this.#open.delete(log.origin)
    return added + contradictions
  }

  #offer(log: StoredLog, { signedSize, size }: LogState): number {
    const { store, registry } = this.#options
    const { records, blocks } = store.tables
    const note = readNote(records.find(log.id, signedSize)?.text)
    if (note === undefined) return 0
    const rootAt = (wanted: number): Uint8Array | undefined =>
      wanted <= size ? new LogTree(records, blocks).root(log.id, wanted) : undefined
    return isChange(registry.addHead(note, { rootAt })) ? 1 : 0
  }

  /** A signed checkpoint in the place of another record is the trace of a second history. */
  #offerContradictions(log: StoredLog): number {
    const { store, registry } = this.#options
    let changes = 0
    for (const { text } of store.tables.records.conflictsOf(log.id)) {
      const note = text.includes(CHECKPOINT_TYPE) ? readNote(text) : undefined
      const offered = this.#open.get(log.origin)
      if (note === undefined || offered?.has(note) !== false) continue
      offered.add(note)
      // The first of the two must be held, for the second to contradict it.
      const place = (JSON.parse(text) as { readonly index: number }).index
      const first = readNote(store.tables.records.find(log.id, place)?.text)
      if (first !== undefined && isChange(registry.addHead(first, {}))) changes++
      if (isChange(registry.addHead(note, {}))) changes++
    }
    return changes
  }
}

function isChange(result: ReturnType<Registry['addHead']>): boolean {
  return result === 'added' || result === 'fork'
}

function readNote(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  try {
    const { note } = JSON.parse(text) as { readonly note?: unknown }
    return typeof note === 'string' ? note : undefined
  } catch {
    return undefined
  }
}
