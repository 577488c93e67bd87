/** Waiting that others can end. One thread owns it. */
export class Doorbell {
  readonly #waiting: Set<() => void> = new Set()

  /** Waits for {@link ring}, at most so many milliseconds. */
  wait(millis: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#waiting.delete(done)
        resolve()
      }
      const timer = setTimeout(done, millis)
      this.#waiting.add(done)
    })
  }

  ring(): void {
    for (const done of this.#waiting) done()
  }
}
