import type { Clock } from '@tokentrail/session'

/** A smaller difference is drift, or a clock that is being slewed. */
const MIN_STEP_MILLIS = 1_000

/**
 * Notices that the clock was set: it went on by another time than the monotonic clock, which nobody
 * can set and which stands still while the machine sleeps.
 */
export class ClockWatch {
  readonly #clock: Clock
  readonly #monotonicMillis: () => number
  #wall: number
  #monotonic: number

  constructor(clock: Clock, monotonicMillis: () => number) {
    this.#clock = clock
    this.#monotonicMillis = monotonicMillis
    this.#wall = this.#readWall()
    this.#monotonic = monotonicMillis()
  }

  /** Returns how far the clock was set since the last look, in milliseconds; 0 when it was not. */
  look(): number {
    const wall = this.#readWall()
    const monotonic = this.#monotonicMillis()
    const step = Math.round(wall - this.#wall - (monotonic - this.#monotonic))
    this.#wall = wall
    this.#monotonic = monotonic
    return Math.abs(step) >= MIN_STEP_MILLIS ? step : 0
  }

  #readWall(): number {
    return Number(this.#clock.unixNanos() / 1_000_000n)
  }
}
