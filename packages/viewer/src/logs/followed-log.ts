import { createLogFollower, type LogFollower, type LogFollowerState } from '@tokentrail/ledger'
import type { LogTable, StoredLog } from '../store/log-table.ts'
import type { RecordTable } from '../store/record-table.ts'
import type { RootKey } from './root-key.ts'
import {
  keepRecovery,
  readRecovery,
  restoreRecovery,
  type KeptRecovery,
  type Recovery,
  type SealedTail,
} from './succession.ts'

/** Records fed in one go; the server answers between two goes. */
const FEED_RECORDS = 500

/** What is kept of a complete log: the findings hold for these roots and this many records. */
interface Snapshot {
  readonly roots: string
  readonly records: number
  readonly state: LogFollowerState
  readonly recoveries: readonly KeptRecovery[]
  /** Leaves of it that a successor says are lost. */
  readonly lost?: number
  /** Of a log that did not end itself: how its successor ended it. */
  readonly endedBy?: KeptRecovery
  /** It has ended, and nothing speaks against it. */
  readonly settled?: boolean
}

/**
 * One log being followed: the ledger's follower, and how far it was fed. Of a log that is sealed
 * and complete what was found is kept in the store, and it is not fed again. One owner.
 */
export class FollowedLog {
  readonly #roots: readonly RootKey[]
  #follower: LogFollower | undefined
  #snapshot: Snapshot | undefined
  #next = 0
  #lost = 0
  #recoveries: Recovery[] = []
  /** When something last arrived, nanoseconds; `null` for what was in the store at the start. */
  arrivedAt: bigint | null = null
  /** Since when the next record is missing although later ones are there. */
  #holeSince: bigint | null = null

  constructor(roots: readonly RootKey[], log: StoredLog, logs: LogTable) {
    this.#roots = roots
    this.#snapshot = this.#restore(log, logs)
    const { records = 0, lost = 0 } = this.#snapshot ?? {}
    this.#next = records + lost
    this.#lost = lost
  }

  /** Records from index 0 that were fed, and those that are lost among them. */
  get size(): number {
    return this.#next
  }

  /** Those of them that a successor says are lost. */
  get lost(): number {
    return this.#lost
  }

  /** Whether all records in the store were fed. */
  hasFed({ records }: StoredLog): boolean {
    return this.#next - this.#lost >= records
  }

  /** What the log says of logs that it adopted. */
  get recoveries(): readonly Recovery[] {
    return this.#recoveries
  }

  /** How a successor has ended it, once that is kept. */
  get tail(): SealedTail | undefined {
    const { endedBy } = this.#snapshot ?? {}
    return endedBy && { recovery: restoreRecovery(endedBy), holds: true }
  }

  /** Whether all that is known of it is in the store, so that it need not be held. */
  isKept(log: StoredLog): boolean {
    return this.#snapshot?.records === log.records
  }

  /** Whether it is kept, and has ended well. */
  isSettled(log: StoredLog): boolean {
    return this.isKept(log) && this.#snapshot?.settled === true
  }

  /** Keeps whether it has ended well; of a log that is not kept it is not known. */
  settle(log: StoredLog, logs: LogTable, settled: boolean): void {
    if (!this.isKept(log) || this.isSettled(log) === settled) return
    this.#snapshot = { ...this.#snapshot!, settled }
    logs.keepFollowed(log.id, JSON.stringify(this.#snapshot))
  }

  state(): LogFollowerState {
    return this.#snapshot?.state ?? this.#following().state()
  }

  /** Keeps that a successor has ended it, once all of its records have come. */
  keepTail(log: StoredLog, logs: LogTable, { recovery, holds }: SealedTail): void {
    if (!holds || this.#snapshot !== undefined || !this.hasFed(log)) return
    this.#write(log, logs, { endedBy: keepRecovery(recovery) })
  }

  #following(): LogFollower {
    return (this.#follower ??= createLogFollower({ roots: this.#roots }))
  }

  /** How long the next record has been missing, in nanoseconds; 0 when there is no hole. */
  holeNanos(now: bigint): bigint {
    return this.#holeSince === null ? 0n : now - this.#holeSince
  }

  /**
   * Feeds the next records; returns whether there may be more.
   *
   * @param lostUpTo - The last index of the run of lost leaves in which an index is, as a successor
   *   has signed.
   */
  async feed(
    log: StoredLog,
    records: RecordTable,
    logs: LogTable,
    now: bigint,
    lostUpTo: (index: number) => number | undefined,
  ): Promise<boolean> {
    if (this.#snapshot?.records === log.records) return false
    if (this.#snapshot !== undefined) this.#startAnew()
    const texts = records.textsFrom(log.id, this.#next, FEED_RECORDS)
    for (const text of texts) {
      await this.#following().add(text)
      const recovery = readRecovery(text)
      if (recovery !== undefined) this.#recoveries.push(recovery)
      this.#next += 1
    }
    if (texts.length === FEED_RECORDS) return true
    if (this.#pass(lostUpTo(this.#next))) return true
    if (this.hasFed(log)) this.#holeSince = null
    else if (texts.length > 0 || this.#holeSince === null) this.#holeSince = now
    this.#keep(log, logs)
    return false
  }

  #pass(lastLost: number | undefined): boolean {
    if (lastLost === undefined) return false
    this.#following().lose(lastLost)
    this.#lost += lastLost + 1 - this.#next
    this.#next = lastLost + 1
    return true
  }

  /** Something came after the end: what was kept is no longer the whole. */
  #startAnew(): void {
    this.#snapshot = undefined
    this.#follower = undefined
    this.#next = 0
    this.#lost = 0
    this.#recoveries = []
  }

  #keep(log: StoredLog, logs: LogTable): void {
    if (this.state().sealed && this.hasFed(log)) this.#write(log, logs, {})
  }

  #write(log: StoredLog, logs: LogTable, end: Pick<Snapshot, 'endedBy'>): void {
    const snapshot: Snapshot = {
      roots: formatRoots(this.#roots),
      records: log.records,
      lost: this.#lost,
      state: this.state(),
      recoveries: this.#recoveries.map(keepRecovery),
      ...end,
    }
    logs.keepFollowed(log.id, JSON.stringify(snapshot))
    this.#snapshot = snapshot
    this.#follower = undefined
  }

  #restore(log: StoredLog, logs: LogTable): Snapshot | undefined {
    const text = logs.followedOf(log.id)
    if (text === null) return undefined
    const snapshot = JSON.parse(text) as Snapshot
    if (snapshot.records !== log.records || snapshot.roots !== formatRoots(this.#roots)) {
      return undefined
    }
    this.#recoveries = snapshot.recoveries.map(restoreRecovery)
    return snapshot
  }
}

function formatRoots(roots: readonly RootKey[]): string {
  return roots
    .map(({ x }) => x ?? '')
    .sort()
    .join(' ')
}
