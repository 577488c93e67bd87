import {
  type CountedRejection,
  createRejectionCounts,
  type RejectionCount,
} from './rejection-counts.ts'
import { createTokenBucket } from './token-bucket.ts'

/**
 * How many rejections that nobody is attributed to get a record of their own. A bot's do not fill
 * the journal: what is beyond the budget is counted into one record per source and reason.
 */
export interface RejectionLimits {
  /** Records a second. At most 10000; with 0 every one is counted. Default is 10. */
  readonly perSecond?: number
  /** Records at once. At most 1000000. Default is 60 times {@link perSecond} (one minute's). */
  readonly burst?: number
  /**
   * Most sources that are counted one by one in an interval. At most 100000. Default is 100: with
   * the default interval as many records a second as the budget has.
   */
  readonly maxSources?: number
  /** Longest that a count waits for its record, in milliseconds. Default is 10000 (10 seconds). */
  readonly flushIntervalMillis?: number
}

/** Decides which rejections are recorded and which are counted. Owned by one recorder. */
export interface RejectionBudget {
  /**
   * Whether a rejection gets a record of its own; else it is counted. One of a source that is being
   * counted for the same reason already is counted as well: who is over the budget leaves what
   * comes back of it to others.
   */
  admit(rejection: CountedRejection, now: bigint): boolean
  /**
   * Gives some of the counts that have waited as long as they may, for good.
   *
   * @param most - So many at a time: a hundred records at once would hold up requests.
   */
  takeDue(now: bigint, most: number): readonly RejectionCount[]
  /** Gives all counts, for good. */
  takeAll(): readonly RejectionCount[]
}

/**
 * Creates a budget.
 *
 * @throws {TypeError} When a limit is wrong, naming it.
 */
export function createRejectionBudget(limits: RejectionLimits = {}): RejectionBudget {
  const { perSecond = 10, maxSources = 100, flushIntervalMillis = 10_000 } = limits
  const { burst = perSecond * 60 } = limits
  checkLimit('perSecond', perSecond, 0, 10_000)
  checkLimit('burst', burst, 0, 1_000_000)
  checkLimit('maxSources', maxSources, 1, 100_000)
  checkLimit('flushIntervalMillis', flushIntervalMillis, 1, 3_600_000)
  const bucket = createTokenBucket(perSecond, burst)
  const counts = createRejectionCounts(maxSources)
  const interval = BigInt(flushIntervalMillis) * 1_000_000n
  let since: bigint | undefined
  let due: RejectionCount[] = []

  function drain(): readonly RejectionCount[] {
    since = undefined
    return counts.drain()
  }

  return {
    admit(rejection, now) {
      const { reason, source } = rejection
      const counted = source !== undefined && counts.has(source, reason)
      if (!counted && bucket.take(now)) return true
      since ??= now
      counts.add(rejection)
      return false
    },
    takeDue(now, most) {
      if (due.length === 0 && since !== undefined && now - since >= interval) due = [...drain()]
      return due.splice(0, most)
    },
    takeAll() {
      const all = [...due, ...drain()]
      due = []
      return all
    },
  }
}

function checkLimit(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new TypeError(`"rejections.${name}" must be an integer from ${least} to ${most}`)
}
