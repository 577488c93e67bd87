import type { Scheduler } from '../scheduler.ts'

/** How often files are flushed and looked after. */
const HOUSEKEEPING_MILLIS = 1_000

/** Does some things once a second, each whatever becomes of the others. */
export class Housekeeping {
  readonly #scheduler: Scheduler
  readonly #guard: (work: () => void) => void
  readonly #works: readonly (() => void)[]
  #cancel: () => void = () => undefined

  /** @param guard - Calls a work and catches what it throws. */
  constructor(
    scheduler: Scheduler,
    guard: (work: () => void) => void,
    works: readonly (() => void)[],
  ) {
    this.#scheduler = scheduler
    this.#guard = guard
    this.#works = works
    this.#plan()
  }

  stop(): void {
    this.#cancel()
  }

  #plan(): void {
    this.#cancel = this.#scheduler(() => {
      this.#plan()
      for (const work of this.#works) this.#guard(work)
    }, HOUSEKEEPING_MILLIS)
  }
}
