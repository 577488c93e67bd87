import type { LossReason } from '@tokentrail/semantic-conventions'
import type { Identity, RecordDraft } from '@tokentrail/session'
import { ExporterError, systemErrorCode } from '../errors.ts'
import type { HealthKind } from '../health.ts'
import type { Scheduler } from '../scheduler.ts'
import { Backlog } from './backlog.ts'
import type { FailurePolicy } from './failure-policy.ts'
import { Losses } from './losses.ts'
import { OwedIdentities } from './owed-identities.ts'
import { isAboutLog } from './routes.ts'

export interface RecordKeeperOptions {
  readonly policy: FailurePolicy
  /** Longest that a record waits under the policy `block`, in milliseconds. */
  readonly maxWaitMillis: number
  readonly scheduler: Scheduler
  readonly monotonicMillis: () => number
  /** Puts one record into the log. Throws when it cannot. */
  readonly write: (record: RecordDraft, identities: readonly Identity[]) => void
  /** Whether the disk, and the cap, leave room for records again. */
  readonly hasRoom: () => boolean
  /** Puts something into the log to see whether it takes anything. Throws when it does not. */
  readonly probe: () => void
  /** Told after each record that was kept. */
  readonly onKept: () => void
  readonly now: () => string
  /** Folder that a message names. */
  readonly directory: string
  readonly tell: (kind: HealthKind, message: string) => void
}

/** Why records cannot be kept at present. */
interface Obstacle {
  readonly code: string
  /** No room: records are not even tried until there is some. */
  readonly isFull: boolean
}

/** How often a waiting record is tried. */
const RETRY_MILLIS = 100

/** How often it is said, while it lasts, what was lost. */
const STATEMENT_MILLIS = 60_000

const NO_IDENTITIES: readonly Identity[] = []

/**
 * Keeps records, and when that is impossible does what the policy says: nothing is dropped that is
 * not counted, nobody waits without a limit, and memory stays bounded. What is lost is said in the
 * log itself, as soon as the disk takes a record, out of the reserve if need be.
 *
 * Nothing of it throws. Owner: the thread that records.
 */
export class RecordKeeper {
  readonly #options: RecordKeeperOptions
  readonly #losses: Losses = new Losses()
  readonly #owed: OwedIdentities = new OwedIdentities()
  readonly #backlog: Backlog = new Backlog()
  #obstacle: Obstacle | undefined
  /** Whether the last record was lost: its response has nothing to wait for. */
  #isLastLost = false
  #saidAt = -Infinity
  #cancelRetry: (() => void) | undefined

  constructor(options: RecordKeeperOptions) {
    this.#options = options
  }

  /** Records that were lost, since the log was opened. */
  get lost(): number {
    return this.#losses.total
  }

  /** Whether records can be kept at present, as far as it is known. */
  get isAble(): boolean {
    return this.#obstacle === undefined
  }

  /**
   * Resolves when the records that wait were kept or dropped; `undefined` when none waits, or the
   * last one was lost: responses that wait are held in memory, so there are no more of them than
   * records.
   */
  settled(): Promise<void> | undefined {
    return this.#isLastLost ? undefined : this.#backlog.settled
  }

  keep(record: RecordDraft, identities: readonly Identity[] = NO_IDENTITIES): void {
    this.#isLastLost = false
    const waits = this.#obstacle?.isFull === true || !this.#backlog.isEmpty
    if (waits && !this.#mayUseReserve(record)) this.#putOff(record, identities)
    else this.#attempt(record, identities)
  }

  /** Nothing new is begun under `fail-closed`; what is being served is kept in any case. */
  #mayUseReserve({ type }: RecordDraft): boolean {
    return this.#options.policy === 'fail-closed' || isAboutLog(type)
  }

  /** There is no room any more but in the reserve, or beyond the cap. */
  outOfRoom(code: string): void {
    this.#meet(code, true)
  }

  /** Looks whether the obstacle is gone. Called every second. */
  tick(): void {
    if (this.#obstacle === undefined) return
    if (this.#obstacle.isFull && !this.#options.hasRoom()) this.#sayNow()
    else this.#overcome()
  }

  /** The last moment: what waits is tried once more, and what was lost is said. */
  end(): void {
    this.#cancelRetry?.()
    this.#retry(true)
    this.#say()
  }

  /** Counts a record that came when nothing is kept any more. */
  refuse(record: RecordDraft): void {
    this.#losses.add('unknown', record.time)
    this.#options.tell('record-lost', `A record of type ${record.type} came after the end.`)
  }

  #attempt(record: RecordDraft, identities: readonly Identity[]): void {
    try {
      if (!this.#losses.isEmpty && this.#obstacle?.isFull !== true) this.#settleLosses()
      this.#write(record, identities)
    } catch (error) {
      this.#failed(record, identities, error)
      return
    }
    if (this.#obstacle?.isFull === false) this.#restored()
  }

  #write(record: RecordDraft, identities: readonly Identity[]): void {
    const { write, onKept } = this.#options
    if (this.#owed.isEmpty) write(record, identities)
    else this.#owed.settle((owed) => write(record, [...owed, ...identities]))
    onKept()
  }

  #failed(record: RecordDraft, identities: readonly Identity[], error: unknown): void {
    const code = error instanceof ExporterError ? systemErrorCode(error.cause) : undefined
    if (code !== undefined) {
      this.#meet(code, isFull(code))
      this.#putOff(record, identities)
      return
    }
    // The record itself is at fault, not the disk.
    this.#lose(record, identities, 'unknown')
    const fault = systemErrorCode(error) ?? 'unexpected error'
    const message = `A record of type ${record.type} could not be kept (${fault}).`
    this.#options.tell('record-lost', message)
  }

  /** It waits, if the policy has it wait and there is room; else it is lost. */
  #putOff(record: RecordDraft, identities: readonly Identity[]): void {
    const { policy, monotonicMillis, maxWaitMillis } = this.#options
    if (policy === 'block' && !isAboutLog(record.type)) {
      if (this.#backlog.add(record, identities, monotonicMillis() + maxWaitMillis)) {
        this.#retryLater()
        return
      }
    }
    this.#lose(record, identities, reasonOf(this.#obstacle?.code))
  }

  #lose(record: RecordDraft, identities: readonly Identity[], reason: LossReason): void {
    this.#losses.add(reason, record.time)
    this.#owed.add(identities)
    this.#isLastLost = true
  }

  #meet(code: string, isFull: boolean): void {
    if (this.#obstacle !== undefined) return
    this.#obstacle = { code, isFull }
    this.#saidAt = -Infinity
    const { directory, tell } = this.#options
    const why = code === 'BYTE_CAP' ? 'has reached its cap' : `refuses writes (${code})`
    tell('journal-failed', `Records are not kept: ${directory} ${why}.`)
  }

  #overcome(): void {
    try {
      if (this.#losses.isEmpty) this.#options.probe()
      else this.#settleLosses()
    } catch {
      return
    }
    this.#restored()
    this.#retry(false)
  }

  #restored(): void {
    this.#obstacle = undefined
    this.#options.tell('journal-restored', 'Records are kept again.')
  }

  #retryLater(): void {
    this.#cancelRetry ??= this.#options.scheduler(() => {
      this.#cancelRetry = undefined
      if (this.#obstacle !== undefined) this.tick()
      this.#retry(false)
      if (!this.#backlog.isEmpty) this.#retryLater()
    }, RETRY_MILLIS)
  }

  /** Tries what waits, in order; drops what has waited as long as it may. */
  #retry(isLast: boolean): void {
    const now = this.#options.monotonicMillis()
    for (let next = this.#backlog.first; next; next = this.#backlog.first) {
      if (!this.#tryWaiting(next.record, next.identities)) {
        if (!isLast && now < next.deadline) return
        this.#lose(next.record, next.identities, reasonOf(this.#obstacle?.code))
      }
      this.#backlog.shift()
    }
  }

  #tryWaiting(record: RecordDraft, identities: readonly Identity[]): boolean {
    if (this.#obstacle?.isFull === true) return false
    try {
      this.#write(record, identities)
      return true
    } catch (error) {
      const code = error instanceof ExporterError ? systemErrorCode(error.cause) : undefined
      if (code === undefined) this.#failed(record, identities, error)
      else this.#meet(code, isFull(code))
      return code === undefined
    }
  }

  /** While there is no room: at once when it began, then every minute. */
  #sayNow(): void {
    const now = this.#options.monotonicMillis()
    if (now - this.#saidAt >= STATEMENT_MILLIS && this.#say()) this.#saidAt = now
  }

  #say(): boolean {
    if (this.#losses.isEmpty) return false
    try {
      this.#settleLosses()
      return true
    } catch {
      // The counts stay, and were told by `onHealth`.
      return false
    }
  }

  #settleLosses(): void {
    const { now, write, onKept } = this.#options
    this.#losses.settle(now(), (draft) => {
      write(draft, NO_IDENTITIES)
      onKept()
    })
  }
}

function isFull(code: string): boolean {
  return code === 'ENOSPC' || code === 'EDQUOT' || code === 'BYTE_CAP'
}

function reasonOf(code: string | undefined): LossReason {
  if (code === 'BYTE_CAP') return 'byte_cap'
  return code !== undefined && isFull(code) ? 'disk_full' : 'unknown'
}
