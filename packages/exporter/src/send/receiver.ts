/** What is known of the receiver, from whatever log was sent to it. */
export class Receiver {
  readonly #report: (blocked: string | undefined) => void
  #accepted = 0
  #isBlocked = false

  /** @param report - Told why it stops accepting, and `undefined` when it accepts again. */
  constructor(report: (blocked: string | undefined) => void) {
    this.#report = report
  }

  /** Number of records that it has accepted so far. */
  get accepted(): number {
    return this.#accepted
  }

  accept(records: number): void {
    this.#accepted += records
    if (!this.#isBlocked) return
    this.#isBlocked = false
    this.#report(undefined)
  }

  /** @param reason - A status code or a system error code. */
  block(reason: string): void {
    if (this.#isBlocked) return
    this.#isBlocked = true
    this.#report(reason)
  }
}
