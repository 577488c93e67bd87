import { setImmediate } from 'node:timers/promises'
import { createLogFollower, type LogFollower } from '@tokentrail/ledger'
import type { LogFinding, LogState } from '../api-types.ts'
import type { StoredLog } from '../store/log-table.ts'
import type { Store } from '../store/store.ts'
import type { RootKey } from './root-key.ts'

/** Options of {@link LogStates}. */
export interface LogStatesOptions {
  readonly store: Store
  readonly roots: readonly RootKey[]
  /** Nanoseconds since 1970 UTC. */
  readonly now: () => bigint
  /** Told of a fault of the viewer itself. */
  readonly onFault: (error: unknown) => void
}

interface Followed {
  readonly follower: LogFollower
  /** Index of the record that is fed next. */
  next: number
  /** When something last arrived, nanoseconds; `null` for what was in the store at the start. */
  arrivedAt: bigint | null
}

/** Records fed in one go; the server answers between two goes. */
const FEED_RECORDS = 500
/** A running log signs a head every 60 s even when nothing happens; twice that is silence. */
const SILENT_NANOS = 120_000_000_000n
const NANOS_PER_SECOND = 1_000_000_000n

/**
 * Follows every log of the store: feeds its records in index order to the ledger's follower, and
 * says what holds so far. Records that arrive out of order wait in the store for their turn. Owns
 * its followers; it reads the store between the store's transactions.
 */
export class LogStates {
  readonly #options: LogStatesOptions
  readonly #followed = new Map<string, Followed>()
  readonly #queue = new Set<string>()
  readonly #unsubscribe: () => void
  #pumping: Promise<void> | undefined
  #isClosed = false

  constructor(options: LogStatesOptions) {
    this.#options = options
    this.#unsubscribe = options.store.subscribe(({ logs }) => {
      for (const origin of logs) this.#arrived(origin)
      this.#pump()
    })
    for (const { origin } of options.store.tables.logs.all()) this.#queue.add(origin)
    this.#pump()
  }

  /** State of one log. */
  of(log: StoredLog): LogState {
    const followed = this.#followed.get(log.origin) ?? this.#follow(log.origin)
    const state = followed.follower.state()
    const lastSign = followed.arrivedAt ?? BigInt(log.lastRecordAt ?? 0)
    const silent = this.#options.now() - lastSign > SILENT_NANOS
    const findings = [
      ...state.findings.map(toFinding),
      ...this.#conflicts(log),
      ...(silent ? describeHole(log, state.size) : []),
    ]
    return {
      origin: log.origin,
      service: log.service,
      slot: log.slot,
      records: log.records,
      size: state.size,
      signedSize: state.signedSize,
      signedAt: state.signedAt,
      state: toLiveState(findings, state.sealed, silent),
      findings,
      selfIssued: state.selfIssued,
      openedAt: log.openedAt,
      lastRecordAt: log.lastRecordAt,
      unsealedSeconds: state.sealed ? 0 : this.#secondsSince(state.signedAt ?? log.openedAt),
    }
  }

  /** States of all logs, newest first. */
  all(): readonly LogState[] {
    return this.#options.store.tables.logs.all().map((log) => this.of(log))
  }

  /** Resolves when everything that has arrived was fed. */
  async settled(): Promise<void> {
    while (this.#pumping !== undefined) await this.#pumping
  }

  /** Ends following; resolves when the store is no longer read. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    await this.#pumping
  }

  #arrived(origin: string): void {
    this.#queue.add(origin)
    this.#follow(origin).arrivedAt = this.#options.now()
  }

  #follow(origin: string): Followed {
    const known = this.#followed.get(origin)
    if (known !== undefined) return known
    const follower = createLogFollower({ roots: this.#options.roots })
    const followed: Followed = { follower, next: 0, arrivedAt: null }
    this.#followed.set(origin, followed)
    return followed
  }

  #pump(): void {
    this.#pumping ??= this.#feedAll()
      .catch(this.#options.onFault)
      .finally(() => {
        this.#pumping = undefined
      })
  }

  async #feedAll(): Promise<void> {
    for (const origin of this.#queue) {
      if (this.#isClosed) return
      this.#queue.delete(origin)
      if (await this.#feed(origin)) this.#queue.add(origin)
      await setImmediate()
    }
  }

  /** Feeds the next records of a log; returns whether there may be more. */
  async #feed(origin: string): Promise<boolean> {
    const { records, logs } = this.#options.store.tables
    const log = logs.find(origin)
    if (log === undefined) return false
    const followed = this.#follow(origin)
    const texts = records.textsFrom(log.id, followed.next, FEED_RECORDS)
    for (const text of texts) {
      await followed.follower.add(text)
      followed.next += 1
    }
    return texts.length === FEED_RECORDS
  }

  #conflicts(log: StoredLog): readonly LogFinding[] {
    return this.#options.store.tables.records.conflictsOf(log.id).map(({ index }) => ({
      verdict: 'FORGED_DUP',
      index,
      message: `Two different texts claim index ${index}; the one that came first is shown.`,
    }))
  }

  #secondsSince(time: string | null): number {
    if (time === null) return 0
    const nanos = this.#options.now() - BigInt(time)
    return nanos > 0n ? Number(nanos / NANOS_PER_SECOND) : 0
  }
}

function toLiveState(
  findings: readonly LogFinding[],
  sealed: boolean,
  silent: boolean,
): LogState['state'] {
  if (findings.length > 0) return 'broken'
  if (sealed) return 'sealed'
  return silent ? 'unsealed' : 'running'
}

/** What came later proves that the record in the hole existed. */
function describeHole(log: StoredLog, size: number): readonly LogFinding[] {
  if (size >= log.records) return []
  return [
    {
      verdict: 'MISSING',
      index: size,
      message: `Record ${size} has not arrived, though later records of its log have.`,
    },
  ]
}

function toFinding(finding: LogFinding): LogFinding {
  const { verdict, index, message } = finding
  return index === undefined ? { verdict, message } : { verdict, index, message }
}
