import { systemErrorCode } from '../errors.ts'
import type { FolderCap } from './folder-cap.ts'
import type { ProcessLog } from './process-log.ts'
import type { ProcessLogs } from './process-logs.ts'

/** Below the folder's cap this much is for records about the log alone; then the reserve is. */
const CAP_HEADROOM_BYTES = 64 * 1024

/**
 * How much the current log may still grow before its folder reaches the cap. Owner: the thread that
 * records.
 */
export class JournalRoom {
  readonly #logs: ProcessLogs
  readonly #cap: FolderCap | undefined
  readonly #onFailure: (code: string) => void
  /** How many bytes the current log may have before the folder reaches its cap. */
  #allowedBytes = Infinity

  /**
   * @param cap - `undefined` where the folder has none.
   * @param onFailure - Told when the folder could not be measured, with the system's code.
   */
  constructor(logs: ProcessLogs, cap: FolderCap | undefined, onFailure: (code: string) => void) {
    this.#logs = logs
    this.#cap = cap
    this.#onFailure = onFailure
  }

  /** Whether only records about the log may be appended. */
  isUsedUp(log: ProcessLog): boolean {
    return log.bytes >= this.#allowedBytes
  }

  /** Whether there is room for records again, with the reserve made whole before. */
  regain(): boolean {
    const { log } = this.#logs.current
    this.measure()
    return log.bytes + log.missingReserve < this.#allowedBytes && log.fillReserve()
  }

  measure(): void {
    if (this.#cap === undefined) return
    const own = new Set(this.#logs.all().map(({ log }) => log.paths.directory))
    const { log } = this.#logs.current
    try {
      const room = this.#cap.room(own)
      this.#allowedBytes = log.bytes + room - CAP_HEADROOM_BYTES
      if (room < CAP_HEADROOM_BYTES / 2) log.giveReserve()
    } catch (error) {
      this.#onFailure(systemErrorCode(error) ?? 'unexpected error')
    }
  }
}
