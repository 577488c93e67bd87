import { setImmediate } from 'node:timers/promises'
import type { LogFollowerState } from '@tokentrail/ledger'
import type { LogFinding, LogState } from '../api-types.ts'
import type { StoredLog } from '../store/log-table.ts'
import type { Store } from '../store/store.ts'
import { FollowedLog } from './followed-log.ts'
import { LogTree } from './log-tree.ts'
import type { RootKey } from './root-key.ts'
import type { Recovery, SealedTail } from './succession.ts'

/** Options of {@link LogStates}. */
export interface LogStatesOptions {
  readonly store: Store
  readonly roots: readonly RootKey[]
  /** Nanoseconds since 1970 UTC. */
  readonly now: () => bigint
  /** Told of a fault of the viewer itself. */
  readonly onFault: (error: unknown) => void
  /** Sealed logs without a finding that are held in memory. Default is 1000. */
  readonly maxSettled?: number
}

/** The logs that are listed. */
export interface ListedLogs {
  /** Newest first: every log that is not sealed or has a finding, and the last 1,000 others. */
  readonly logs: readonly LogState[]
  /** Sealed logs without a finding that are not listed. */
  readonly omitted: number
}

/** A running log signs a head every 60 s even when nothing happens; twice that is silence. */
const SILENT_NANOS = 120_000_000_000n
/** What is late by so much, though later records came, is missing: delivery is in order. */
const HOLE_NANOS = 60_000_000_000n
const NANOS_PER_SECOND = 1_000_000_000n
const MAX_SETTLED = 1_000

/**
 * Follows every log of the store: feeds its records in index order to the ledger's follower, and
 * says what holds so far. Records that arrive out of order wait in the store for their turn. It
 * reads the store between the store's transactions. Of logs that have ended well all that is known
 * is kept in the store, and only the last of them are held.
 */
export class LogStates {
  readonly #options: LogStatesOptions
  readonly #followed = new Map<string, FollowedLog>()
  /** Results by successor and record; the leaves they rest on never change. */
  readonly #tails = new Map<string, SealedTail>()
  /** What successors say, by the log that they adopted, then by successor and record. */
  readonly #recoveries = new Map<string, Map<string, Recovery>>()
  readonly #queue = new Set<string>()
  /** Those of {@link #followed} that may be let go, the longest unused first. */
  readonly #settled = new Set<string>()
  readonly #maxSettled: number
  readonly #unsubscribe: () => void
  #pumping: Promise<void> | undefined
  #isClosed = false

  constructor(options: LogStatesOptions) {
    this.#options = options
    this.#maxSettled = options.maxSettled ?? MAX_SETTLED
    this.#unsubscribe = options.store.subscribe(({ logs }) => {
      for (const origin of logs) this.#arrived(origin)
      this.#pump()
    })
    for (const log of options.store.tables.logs.all().toReversed()) {
      if (!this.#follow(log).isSettled(log)) this.#queue.add(log.origin)
    }
    this.#pump()
  }

  /** State of one log. */
  of(log: StoredLog): LogState {
    const followed = this.#follow(log)
    const state = followed.state()
    const tail = this.tailOf(log)
    const signedAt = state.signedAt === undefined ? null : `${state.signedAt}000000000`
    const findings = this.#findingsOf(log, followed, state, tail)
    const sealed = state.sealed || (tail?.holds === true && followed.hasFed(log))
    return {
      origin: log.origin,
      service: log.service,
      slot: log.slot,
      records: log.records,
      size: followed.size,
      lost: followed.lost,
      signedSize: state.signedSize,
      signedAt,
      state: this.#toLiveState(log, followed, findings, sealed),
      findings,
      selfIssued: state.selfIssued,
      openedAt: log.openedAt,
      lastRecordAt: log.lastRecordAt,
      unsealedSeconds: sealed ? 0 : this.#secondsSince(signedAt ?? log.openedAt),
    }
  }

  /** States of the logs, newest first; of those that have ended well, of the last. */
  all(): ListedLogs {
    const { logs } = this.#options.store.tables
    const listed = [...this.#followed.keys()]
      .flatMap((origin) => logs.find(origin) ?? [])
      .sort((a, b) => b.id - a.id)
    return { logs: listed.map((log) => this.of(log)), omitted: logs.size() - listed.length }
  }

  /** The log's end as a successor signed it, once that successor's record is under a signed head. */
  tailOf(log: StoredLog): SealedTail | undefined {
    const followed = this.#follow(log)
    if (followed.tail !== undefined) return followed.tail
    const { logs } = this.#options.store.tables
    for (const [key, recovery] of this.#recoveries.get(log.origin) ?? []) {
      const by = logs.find(recovery.by)
      const signedSize = by === undefined ? 0 : this.#follow(by).state().signedSize
      if (signedSize > recovery.index && followed.size >= recovery.prevSize) {
        return this.#checkTail(key, log, recovery)
      }
    }
    return undefined
  }

  /** Keeps what a log has come to. */
  #settle(log: StoredLog): void {
    const { logs } = this.#options.store.tables
    const followed = this.#follow(log)
    const tail = this.tailOf(log)
    if (tail !== undefined) followed.keepTail(log, logs, tail)
    followed.settle(log, logs, this.of(log).state === 'sealed')
    this.#settled.delete(log.origin)
    if (followed.isSettled(log)) this.#hold(log.origin)
  }

  /** Holds one more log that has ended well, and lets the longest unused go. */
  #hold(settled: string): void {
    this.#settled.add(settled)
    for (const origin of this.#settled) {
      if (this.#settled.size <= this.#maxSettled) break
      this.#letGo(origin)
    }
  }

  /** What it says of other logs goes with it where that holds and is kept with them. */
  #letGo(origin: string): void {
    const { logs } = this.#options.store.tables
    for (const { by, index, prevLog } of this.#followed.get(origin)?.recoveries ?? []) {
      const key = `${by} ${index}`
      const ended = logs.find(prevLog)
      const isKept = ended && (this.#followed.get(prevLog)?.isKept(ended) ?? true)
      if (isKept !== true || this.#tails.get(key)?.holds !== true) continue
      this.#tails.delete(key)
      const said = this.#recoveries.get(prevLog)
      said?.delete(key)
      if (said?.size === 0) this.#recoveries.delete(prevLog)
    }
    this.#followed.delete(origin)
    this.#settled.delete(origin)
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
    const log = this.#options.store.tables.logs.find(origin)
    if (log === undefined) return
    this.#follow(log).arrivedAt = this.#options.now()
    this.#queue.add(origin)
  }

  #follow(log: StoredLog): FollowedLog {
    const known = this.#followed.get(log.origin)
    if (known !== undefined) return known
    const followed = new FollowedLog(this.#options.roots, log, this.#options.store.tables.logs)
    this.#followed.set(log.origin, followed)
    this.#listen(followed)
    if (followed.isSettled(log)) this.#hold(log.origin)
    return followed
  }

  #listen({ recoveries }: FollowedLog): void {
    for (const recovery of recoveries) {
      const said = this.#recoveries.get(recovery.prevLog) ?? new Map<string, Recovery>()
      said.set(`${recovery.by} ${recovery.index}`, recovery)
      this.#recoveries.set(recovery.prevLog, said)
    }
  }

  #pump(): void {
    this.#pumping ??= this.#feedAll()
      .catch(this.#options.onFault)
      .finally(() => {
        this.#pumping = undefined
        // Something may have come between the last look at the queue and this moment.
        if (this.#queue.size > 0 && !this.#isClosed) this.#pump()
      })
  }

  async #feedAll(): Promise<void> {
    // A set that grows while it is iterated goes on with what was added.
    for (const origin of this.#queue) {
      if (this.#isClosed) return
      this.#queue.delete(origin)
      const { records, logs, blocks } = this.#options.store.tables
      const log = logs.find(origin)
      if (log === undefined) continue
      const followed = this.#follow(log)
      const lostUpTo = (index: number): number | undefined => this.#lostUpTo(log, index)
      if (await followed.feed(log, records, logs, this.#options.now(), lostUpTo)) {
        this.#queue.add(origin)
      }
      this.#listen(followed)
      this.#settle(log)
      for (const { prevLog } of followed.recoveries) {
        const ended = logs.find(prevLog)
        if (ended === undefined) continue
        this.#settle(ended)
        // What is lost of it may be under a signed head now, and lets it go on.
        if (this.#lostUpTo(ended, this.#follow(ended).size) !== undefined) this.#queue.add(prevLog)
      }
      new LogTree(records, blocks).keepBlocks(log.id, followed.size)
      await setImmediate()
    }
  }

  /** Where the run of leaves ends that a signed successor says are lost. */
  #lostUpTo(log: StoredLog, index: number): number | undefined {
    const { logs } = this.#options.store.tables
    for (const { by, index: at, lost } of this.#recoveries.get(log.origin)?.values() ?? []) {
      const run = lost.find(([first, last]) => first <= index && index <= last)
      const successor = run && logs.find(by)
      if (successor && this.#follow(successor).state().signedSize > at) return run[1]
    }
    return undefined
  }

  #checkTail(key: string, log: StoredLog, recovery: Recovery): SealedTail {
    const known = this.#tails.get(key)
    if (known !== undefined) return known
    const { records, blocks } = this.#options.store.tables
    const root = new LogTree(records, blocks).root(log.id, recovery.prevSize)
    const tail = { recovery, holds: Buffer.compare(root, recovery.prevRoot) === 0 }
    this.#tails.set(key, tail)
    return tail
  }

  #findingsOf(
    log: StoredLog,
    followed: FollowedLog,
    state: LogFollowerState,
    tail: SealedTail | undefined,
  ): readonly LogFinding[] {
    const { records } = this.#options.store.tables
    return [
      ...state.findings.map(toFinding),
      ...records.conflictsOf(log.id).map(({ index }) => describeConflict(index)),
      ...(followed.holeNanos(this.#options.now()) > HOLE_NANOS
        ? [describeHole(followed.size)]
        : []),
      ...(tail?.holds === false ? [describeTail(state.signedSize, tail.recovery)] : []),
    ]
  }

  #toLiveState(
    log: StoredLog,
    followed: FollowedLog,
    findings: readonly LogFinding[],
    sealed: boolean,
  ): LogState['state'] {
    if (findings.length > 0) return 'broken'
    if (sealed) return 'sealed'
    const heardAt = followed.arrivedAt ?? BigInt(log.lastRecordAt ?? 0)
    return this.#options.now() - heardAt > SILENT_NANOS ? 'unsealed' : 'running'
  }

  #secondsSince(time: string | null): number {
    if (time === null) return 0
    const nanos = this.#options.now() - BigInt(time)
    return nanos > 0n ? Number(nanos / NANOS_PER_SECOND) : 0
  }
}

function describeConflict(index: number): LogFinding {
  return {
    verdict: 'FORGED_DUP',
    index,
    message: 'two different texts claim this index; the one that came first is shown',
  }
}

function describeHole(index: number): LogFinding {
  return {
    verdict: 'MISSING',
    index,
    message: 'this record has not arrived, though later records of its log have',
  }
}

function describeTail(index: number, { by }: Recovery): LogFinding {
  return {
    verdict: 'ALTERED',
    index,
    message: `the records from here on do not hash to the root that the successor ${by} signed`,
  }
}

function toFinding({ verdict, index, message }: LogFinding): LogFinding {
  return index === undefined ? { verdict, message } : { verdict, index, message }
}
