import {
  ATTR_TOKENTRAIL_CAPTURE_HOOK,
  ATTR_TOKENTRAIL_GAP_FROM,
  ATTR_TOKENTRAIL_GAP_REASON,
  ATTR_TOKENTRAIL_GAP_TO,
  EVENT_TOKENTRAIL_RECORDER_GAP,
} from '@tokentrail/semantic-conventions'
import type { Clock, RecordSink } from '@tokentrail/session'

/** Shortest time between two records of faults, in nanoseconds: one minute. */
const QUIET_NANOS = 60_000_000_000n

/**
 * Puts into the log that requests may have passed without a record, so that silence is never taken
 * for calm. The recording's own thread owns it.
 */
export class GapRecorder {
  readonly #sink: RecordSink
  readonly #clock: Clock
  /** First fault that no record tells of yet. */
  #firstUntold: bigint | undefined
  #lastTold: bigint | undefined
  #faults = 0

  constructor(sink: RecordSink, clock: Clock) {
    this.#sink = sink
    this.#clock = clock
  }

  /** Faults of the recorder itself so far. */
  get faults(): number {
    return this.#faults
  }

  /** A fault was caught. The first is told at once, the others once a minute, and at {@link settle}. */
  addFault(): void {
    this.#faults += 1
    const now = this.#clock.unixNanos()
    this.#firstUntold ??= now
    if (this.#lastTold !== undefined && now - this.#lastTold < QUIET_NANOS) return
    this.settle()
  }

  /** A library is in use that could not be hooked: identities it verifies are not seen. */
  addInactiveHook(name: string): void {
    this.#append({
      [ATTR_TOKENTRAIL_GAP_REASON]: 'hook_inactive',
      [ATTR_TOKENTRAIL_CAPTURE_HOOK]: name,
    })
  }

  /** Tells of the faults that were not told yet. */
  settle(): void {
    if (this.#firstUntold === undefined) return
    const to = this.#clock.unixNanos()
    this.#append({
      [ATTR_TOKENTRAIL_GAP_REASON]: 'internal_error',
      [ATTR_TOKENTRAIL_GAP_FROM]: String(this.#firstUntold),
      [ATTR_TOKENTRAIL_GAP_TO]: String(to),
    })
    this.#firstUntold = undefined
    this.#lastTold = to
  }

  #append(attributes: Readonly<Record<string, string>>): void {
    const time = String(this.#clock.unixNanos())
    this.#sink.append({ type: EVENT_TOKENTRAIL_RECORDER_GAP, time, attributes })
  }
}
