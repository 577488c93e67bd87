/** What the parent asks for: watch which functions run, arm one of them, or nothing. */
export interface FaultOrder {
  readonly watch?: true
  readonly arm?: number
}

/** What happened since the order before. */
export interface FaultReport {
  /** Functions that ran while they were watched, by number. */
  readonly ran: readonly number[]
  /** How often the armed function threw. */
  readonly thrown: number
}

/** Decides which function throws. Every instrumented function asks it first. */
export class FaultSwitch {
  readonly names: string[] = []
  readonly #ran = new Set<number>()
  #isWatching = false
  #armed = -1
  #thrown = 0

  /** Gives a function its number. */
  register(name: string): number {
    return this.names.push(name) - 1
  }

  /** Called at the head of each function. */
  pass(site: number): void {
    if (this.#isWatching) this.#ran.add(site)
    if (site !== this.#armed) return
    this.#thrown += 1
    throw new Error('canary-injected-fault')
  }

  take(order: FaultOrder): FaultReport & { readonly names: readonly string[] } {
    const report = { ran: [...this.#ran], thrown: this.#thrown, names: this.names }
    this.#ran.clear()
    this.#thrown = 0
    this.#isWatching = order.watch === true
    this.#armed = order.arm ?? -1
    return report
  }
}
