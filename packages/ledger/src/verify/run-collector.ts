import type { FindingList } from './finding-list.ts'
import type { FindingVerdict } from './verdict.ts'

/** Gathers indexes that follow one another into one finding. */
export class RunCollector {
  readonly #findings: FindingList
  readonly #log: string
  readonly #verdict: FindingVerdict
  readonly #message: string
  #first = -1
  #last = -1

  /** @param message - What is wrong with each of them. */
  constructor(findings: FindingList, log: string, verdict: FindingVerdict, message: string) {
    this.#findings = findings
    this.#log = log
    this.#verdict = verdict
    this.#message = message
  }

  /** Adds the indexes `first` to `last`, above all added before. */
  add(first: number, last: number = first): void {
    if (this.#first >= 0 && first === this.#last + 1) {
      this.#last = last
      return
    }
    this.flush()
    this.#first = first
    this.#last = last
  }

  /** Hands over what has been gathered. */
  flush(): void {
    if (this.#first < 0) return
    this.#findings.add({
      verdict: this.#verdict,
      log: this.#log,
      index: this.#first,
      ...(this.#last > this.#first && { lastIndex: this.#last }),
      message: this.#message,
    })
    this.#first = -1
  }
}
