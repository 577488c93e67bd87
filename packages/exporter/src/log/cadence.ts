import type { Scheduler } from '../scheduler.ts'

/** How often it is looked whether a checkpoint is due, while there is something to cover. */
const TICK_MILLIS = 1_000
/** So many records make a checkpoint due at the next tick: 10 in a second is busy. */
const BUSY_RECORDS = 10
/** After so many ticks even one record does. */
const PATIENT_TICKS = 10
/** With nothing to cover, a checkpoint says so this often: "no activity" is a statement too. */
const IDLE_MILLIS = 60_000

/**
 * Decides when a checkpoint is due: one second after the first record that none covers when there
 * are many, up to ten seconds when there are few, and every minute when there are none. The first
 * record of a log is covered after one second.
 */
export class Cadence {
  readonly #schedule: Scheduler
  readonly #cut: () => void
  #cancel: (() => void) | undefined
  #records = 0
  #ticks = 0
  #isFirst = true
  #isStopped = false

  /** @param cut - Appends a checkpoint, and calls {@link covered} when it did. */
  constructor(schedule: Scheduler, cut: () => void) {
    this.#schedule = schedule
    this.#cut = cut
  }

  /** A record was appended that no checkpoint covers yet. */
  appended(): void {
    if (this.#records++ === 0) this.#restart(TICK_MILLIS, () => this.#tick())
  }

  /** A checkpoint was appended, for whatever reason. */
  covered(): void {
    this.#isFirst = false
    this.#records = 0
    this.#ticks = 0
    this.#restart(IDLE_MILLIS, () => this.#due())
  }

  stop(): void {
    this.#isStopped = true
    this.#cancel?.()
  }

  #tick(): void {
    this.#ticks++
    if (this.#isFirst || this.#records >= BUSY_RECORDS || this.#ticks >= PATIENT_TICKS) this.#due()
    else this.#restart(TICK_MILLIS, () => this.#tick())
  }

  /** A checkpoint that fails is due again after a tick. */
  #due(): void {
    this.#restart(TICK_MILLIS, () => this.#due())
    this.#cut()
  }

  #restart(millis: number, callback: () => void): void {
    this.#cancel?.()
    if (!this.#isStopped) this.#cancel = this.#schedule(callback, millis)
  }
}
