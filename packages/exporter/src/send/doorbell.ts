import type { Scheduler } from '../scheduler.ts'

/** Waiting that others can end. One thread owns it. */
export class Doorbell {
  readonly #scheduler: Scheduler
  readonly #waiting: Set<() => void> = new Set()

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /**
   * Waits for {@link ring}, at most so many milliseconds.
   *
   * @returns Whether it rang.
   */
  wait(millis: number): Promise<boolean> {
    return new Promise((resolve) => {
      const rung = () => {
        cancel()
        this.#waiting.delete(rung)
        resolve(true)
      }
      const cancel = this.#scheduler(() => {
        this.#waiting.delete(rung)
        resolve(false)
      }, millis)
      this.#waiting.add(rung)
    })
  }

  ring(): void {
    for (const rung of this.#waiting) rung()
  }
}
