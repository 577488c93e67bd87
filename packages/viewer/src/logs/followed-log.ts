import { createLogFollower, type LogFollower, type LogFollowerState } from '@tokentrail/ledger'
import type { LogTable, StoredLog } from '../store/log-table.ts'
import type { RecordTable } from '../store/record-table.ts'
import type { RootKey } from './root-key.ts'
import { readRecovery, type Recovery } from './succession.ts'

/** Records fed in one go; the server answers between two goes. */
const FEED_RECORDS = 500

/** What is kept of a complete log: the findings hold for these roots and this many records. */
interface Snapshot {
  readonly roots: string
  readonly records: number
  readonly state: LogFollowerState
  readonly recoveries: readonly { readonly [Name in keyof Recovery]: unknown }[]
}

/**
 * One log being followed: the ledger's follower, and how far it was fed. A log that was sealed and
 * complete when the viewer ended is not fed again. One owner.
 */
export class FollowedLog {
  readonly #roots: readonly RootKey[]
  #follower: LogFollower
  #snapshot: Snapshot | undefined
  #next = 0
  #recoveries: Recovery[] = []
  /** When something last arrived, nanoseconds; `null` for what was in the store at the start. */
  arrivedAt: bigint | null = null
  /** Since when the next record is missing although later ones are there. */
  #holeSince: bigint | null = null

  constructor(roots: readonly RootKey[], log: StoredLog, logs: LogTable) {
    this.#roots = roots
    this.#follower = createLogFollower({ roots })
    this.#snapshot = this.#restore(log, logs)
    if (this.#snapshot !== undefined) this.#next = this.#snapshot.records
  }

  /** Records from index 0 that were fed. */
  get size(): number {
    return this.#next
  }

  /** What the log says of logs that it adopted. */
  get recoveries(): readonly Recovery[] {
    return this.#recoveries
  }

  state(): LogFollowerState {
    return this.#snapshot?.state ?? this.#follower.state()
  }

  /** How long the next record has been missing, in nanoseconds; 0 when there is no hole. */
  holeNanos(now: bigint): bigint {
    return this.#holeSince === null ? 0n : now - this.#holeSince
  }

  /** Feeds the next records; returns whether there may be more. */
  async feed(log: StoredLog, records: RecordTable, logs: LogTable, now: bigint): Promise<boolean> {
    if (this.#snapshot?.records === log.records) return false
    if (this.#snapshot !== undefined) this.#startAnew()
    const texts = records.textsFrom(log.id, this.#next, FEED_RECORDS)
    for (const text of texts) {
      await this.#follower.add(text)
      const recovery = readRecovery(text)
      if (recovery !== undefined) this.#recoveries.push(recovery)
      this.#next += 1
    }
    if (texts.length === FEED_RECORDS) return true
    if (this.#next >= log.records) this.#holeSince = null
    else if (texts.length > 0 || this.#holeSince === null) this.#holeSince = now
    this.#keep(log, logs)
    return false
  }

  /** Something came after the end: what was kept is no longer the whole. */
  #startAnew(): void {
    this.#snapshot = undefined
    this.#follower = createLogFollower({ roots: this.#roots })
    this.#next = 0
    this.#recoveries = []
  }

  #keep(log: StoredLog, logs: LogTable): void {
    const state = this.#follower.state()
    if (!state.sealed || this.#next !== log.records) return
    const snapshot: Snapshot = {
      roots: formatRoots(this.#roots),
      records: log.records,
      state,
      recoveries: this.#recoveries.map((recovery) => ({
        ...recovery,
        prevRoot: Buffer.from(recovery.prevRoot).toString('hex'),
      })),
    }
    logs.keepFollowed(log.id, JSON.stringify(snapshot))
    this.#snapshot = snapshot
  }

  #restore(log: StoredLog, logs: LogTable): Snapshot | undefined {
    const text = logs.followedOf(log.id)
    if (text === null) return undefined
    const snapshot = JSON.parse(text) as Snapshot
    if (snapshot.records !== log.records || snapshot.roots !== formatRoots(this.#roots)) {
      return undefined
    }
    this.#recoveries = snapshot.recoveries.map((recovery) => ({
      ...(recovery as unknown as Recovery),
      prevRoot: Buffer.from(String(recovery.prevRoot), 'hex'),
    }))
    return snapshot
  }
}

function formatRoots(roots: readonly RootKey[]): string {
  return roots
    .map(({ x }) => x ?? '')
    .sort()
    .join(' ')
}
