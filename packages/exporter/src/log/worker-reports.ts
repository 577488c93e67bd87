import type { RecordDraft } from '@tokentrail/session'
import type { JournalDamage } from '../journal/quarantine.ts'
import type { WorkerReport } from '../send/messages.ts'
import type { HealthTeller } from './health-teller.ts'
import { buildDeliveryRejected } from './recorder-events.ts'

export interface WorkerReportsOptions {
  readonly health: HealthTeller
  /** The receiver without its path or credentials, as records and messages name it. */
  readonly place: string
  readonly now: () => string
  /** Puts a record about a report into the log. */
  readonly append: (draft: RecordDraft) => void
  /** Has the log say that a place of a journal is damaged. Returns whether that is news. */
  readonly stateDamage: (uuid: string, damage: JournalDamage) => boolean
  /** Whether the log is closed: nothing can be said any more. */
  readonly isClosed: () => boolean
  /** Told once the log says that a record was refused. */
  readonly onStated: () => void
  /** Told that all of a log was delivered. */
  readonly onDone: (uuid: string) => void
}

/** What becomes of what the delivery worker reports: records about it, and words to the operator. */
export class WorkerReports {
  readonly #options: WorkerReportsOptions
  #blocked: string | undefined

  constructor(options: WorkerReportsOptions) {
    this.#options = options
  }

  /** Why the receiver accepts nothing at present. */
  get blocked(): string | undefined {
    return this.#blocked
  }

  receive(report: WorkerReport): void {
    const { health, onDone, place } = this.#options
    switch (report.type) {
      case 'done':
        onDone(report.uuid)
        return
      case 'rejected':
        this.#recordRejection(report.recordId, report.statusCode)
        return
      case 'damage':
        this.recordDamage(report.uuid, report.damage)
        return
      case 'failed':
        health.tell(
          'delivery-failed',
          `The log ${report.uuid} cannot be delivered (${report.code}); it is tried again.`,
        )
        return
      case 'blocked':
        this.#blocked = report.reason
        health.tell('delivery-blocked', `${place} does not accept records (${report.reason}).`)
        return
      case 'restored':
        this.#blocked = undefined
        health.tell('delivery-restored', `${place} accepts records again.`)
        return
      case 'compression-refused':
        health.tell(
          'compression-refused',
          `${place} does not take zstd (${report.statusCode}): records go in gzip.`,
        )
    }
  }

  recordDamage(uuid: string, damage: JournalDamage): void {
    const { health, isClosed, stateDamage } = this.#options
    // The copy is there: the next process of the slot says what this log cannot say any more.
    const isNews = isClosed() || stateDamage(uuid, damage)
    if (!isNews) return
    const { segment, offset, length } = damage
    const what = length === 0 ? 'is gone' : `cannot be read: ${length} bytes at ${offset}`
    health.tell('journal-damaged', `${segment} of log ${uuid} ${what}.`)
  }

  #recordRejection(recordId: string, statusCode: number): void {
    const { append, health, isClosed, now, onStated, place } = this.#options
    // The next process of the slot has it refused, and says so.
    if (isClosed()) return
    append(buildDeliveryRejected(now(), place, recordId, statusCode))
    onStated()
    health.tell('record-rejected', `${place} refused ${recordId} (${statusCode}); it is parked.`)
  }
}
