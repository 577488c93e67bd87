import type { Scheduler } from '../scheduler.ts'

/** Waiting that others can end. One thread owns it. */
export class Doorbell {
  readonly #scheduler: Scheduler
  readonly #waiting: Set<() => void> = new Set()

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** Waits for {@link ring}, at most so many milliseconds. */
  wait(millis: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel()
        this.#waiting.delete(done)
        resolve()
      }
      const cancel = this.#scheduler(done, millis)
      this.#waiting.add(done)
    })
  }

  ring(): void {
    for (const done of this.#waiting) done()
  }
}
