import { systemErrorCode } from '../errors.ts'
import type { HealthTeller } from './health-teller.ts'
import type { ProcessLog } from './process-log.ts'

/**
 * Looks after the files of the log that is written, once a second, and says what somebody else did
 * to them. Owner: the thread that records.
 */
export class JournalCare {
  readonly #health: HealthTeller
  /** Code of the fault that was told, until it is gone. */
  #fault: string | undefined

  constructor(health: HealthTeller) {
    this.#health = health
  }

  tend(log: ProcessLog): void {
    const { directory } = log.paths
    try {
      if (log.isCut()) {
        const loss = 'what was not delivered of it may be lost'
        this.#health.tell('journal-cut', `A journal file in ${directory} was cut: ${loss}.`)
      }
      if (log.tend()) {
        const message = `A journal file in ${directory} was gone and was put back.`
        this.#health.tell('journal-replaced', message)
      }
      this.#fault = undefined
    } catch (error) {
      this.#failed(systemErrorCode(error) ?? 'unexpected error')
    }
  }

  #failed(code: string): void {
    if (this.#fault === code) return
    this.#fault = code
    this.#health.tell('journal-not-synced', `The journal could not be looked after (${code}).`)
  }
}
