import type { Scheduler } from '../scheduler.ts'

/**
 * Those who wait for one flush. The promise is made when the first of them comes, so that a flush
 * that nobody waits for costs none. It never rejects.
 */
export class FlushGroup {
  readonly #scheduler: Scheduler
  readonly #waitMillis: number
  readonly #onLate: () => void
  #promise: Promise<void> | undefined
  #settle: (() => void) | undefined
  #isDone = false

  /**
   * @param waitMillis - Longest wait.
   * @param onLate - Told when that has passed, and those who wait go on.
   */
  constructor(scheduler: Scheduler, waitMillis: number, onLate: () => void) {
    this.#scheduler = scheduler
    this.#waitMillis = waitMillis
    this.#onLate = onLate
  }

  wait(): Promise<void> {
    // A disk may answer before it returns.
    if (this.#isDone) return Promise.resolve()
    this.#promise ??= new Promise((resolve) => {
      const cancel = this.#scheduler(() => {
        this.done()
        this.#onLate()
      }, this.#waitMillis)
      this.#settle = () => {
        cancel()
        resolve()
      }
    })
    return this.#promise
  }

  /** Lets everybody go on. Idempotent. */
  done(): void {
    this.#isDone = true
    this.#settle?.()
    this.#settle = undefined
  }

  /** This group failed: whoever waits for it waits for another one, no longer than before. */
  follow(other: FlushGroup): void {
    if (this.#settle) void other.wait().then(() => this.done())
  }
}
