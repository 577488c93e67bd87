import { systemErrorCode } from '../errors.ts'
import type { HealthEvent, HealthKind } from '../health.ts'

/**
 * Tells whoever listens of the health of the recording, and catches what our own functions throw:
 * neither of them may reach the application. Owner: the thread that records.
 */
export class HealthTeller {
  readonly #listener: (event: HealthEvent) => void
  #hasFault = false

  constructor(listener: (event: HealthEvent) => void) {
    this.#listener = listener
  }

  tell(kind: HealthKind, message: string): void {
    try {
      this.#listener({ kind, message })
    } catch {
      // Whoever listens must not be able to stop the recording.
    }
  }

  /** Only the kind of fault is told, once: a message might quote what was being recorded. */
  faulted(error: unknown): void {
    if (this.#hasFault) return
    this.#hasFault = true
    const kind = systemErrorCode(error) ?? (error instanceof Error ? error.name : 'not an error')
    this.tell('internal-fault', `A fault of the recorder was caught (${kind}); it goes on.`)
  }

  /** One thing that fails keeps nothing else from being done. */
  guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.faulted(error)
    }
  }
}
