import {
  ATTR_TOKENTRAIL_LOSS_COUNT,
  ATTR_TOKENTRAIL_LOSS_FROM,
  ATTR_TOKENTRAIL_LOSS_REASON,
  ATTR_TOKENTRAIL_LOSS_TO,
  EVENT_TOKENTRAIL_RECORDER_LOSS,
  type LossReason,
} from '@tokentrail/semantic-conventions'
import type { RecordDraft } from '@tokentrail/session'

interface Loss {
  count: number
  readonly from: string
  to: string
}

/** Counts records that could not be kept, until the journal takes a record that says so. */
export class Losses {
  readonly #byReason: Map<LossReason, Loss> = new Map()
  #total = 0

  /** Records lost since the log was opened. */
  get total(): number {
    return this.#total
  }

  get isEmpty(): boolean {
    return this.#byReason.size === 0
  }

  /** @param time - When the lost record happened: nanoseconds since 1970 UTC, decimal. */
  add(reason: LossReason, time: string): void {
    this.#total++
    const known = this.#byReason.get(reason)
    if (!known) {
      this.#byReason.set(reason, { count: 1, from: time, to: time })
      return
    }
    known.count++
    known.to = time
  }

  /**
   * Writes one record per reason and forgets what was written.
   *
   * @param append - Throws where the record cannot be kept either; then the rest stays counted.
   */
  settle(time: string, append: (draft: RecordDraft) => void): void {
    for (const [reason, loss] of this.#byReason) {
      append(buildLossRecord(time, reason, loss))
      this.#byReason.delete(reason)
    }
  }
}

function buildLossRecord(time: string, reason: LossReason, loss: Loss): RecordDraft {
  return {
    type: EVENT_TOKENTRAIL_RECORDER_LOSS,
    time,
    attributes: {
      [ATTR_TOKENTRAIL_LOSS_COUNT]: loss.count,
      [ATTR_TOKENTRAIL_LOSS_FROM]: loss.from,
      [ATTR_TOKENTRAIL_LOSS_REASON]: reason,
      [ATTR_TOKENTRAIL_LOSS_TO]: loss.to,
    },
  }
}
