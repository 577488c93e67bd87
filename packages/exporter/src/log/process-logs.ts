import { ExporterError, systemErrorCode } from '../errors.ts'
import { slotPath } from '../journal/layout.ts'
import { serviceOf } from '../options.ts'
import type { DeliveryTask } from '../send/messages.ts'
import { freeReserves } from './adoption.ts'
import type { HealthTeller } from './health-teller.ts'
import { type LogOpenerOptions, type OpenedLog, openProcessLog } from './log-opener.ts'

/** Age at which a log is replaced: its certificate holds for almost an hour more then. */
const REPLACE_AFTER_SECONDS = 23 * 3600
/** A clock that is set back further has left the certificate, which holds for a minute more. */
const REPLACE_BEFORE_SECONDS = 240

/**
 * The logs that this process has opened: the current one, and those that it has replaced and that
 * are still being delivered. Owner: the thread that records.
 */
export class ProcessLogs {
  readonly #opener: LogOpenerOptions
  readonly #health: HealthTeller
  readonly #retired: Map<string, OpenedLog> = new Map()
  #current: OpenedLog

  /** @throws {ExporterError} `ERR_EXPORTER_DIRECTORY_UNUSABLE` */
  constructor(opener: LogOpenerOptions, health: HealthTeller) {
    this.#opener = opener
    this.#health = health
    this.#current = openFirst(opener)
  }

  get current(): OpenedLog {
    return this.#current
  }

  /** The oldest first. */
  all(): OpenedLog[] {
    return [...this.#retired.values(), this.#current]
  }

  get isDelivered(): boolean {
    return this.all().every(({ control }) => control.isDelivered())
  }

  /** Whether the current log is too old for its certificate, or could be locked by another process. */
  get isReplaceable(): boolean {
    const { issuedAt, log } = this.#current
    const age = Number(this.#opener.clock.unixNanos() / 1_000_000_000n) - issuedAt
    // Whoever starts next could lock what stands there now: nothing more may be appended to it.
    return age >= REPLACE_AFTER_SECONDS || age < -REPLACE_BEFORE_SECONDS || log.isLockLost
  }

  /** Opens another log and seals the current one, which it returns; `undefined` when it cannot. */
  replace(): OpenedLog | undefined {
    const old = this.#current
    try {
      this.#current = openProcessLog(this.#opener)
    } catch {
      return undefined
    }
    if (old.log.isLockLost) {
      const message = `The lock of ${old.log.paths.directory} was gone: another log goes on.`
      this.#health.tell('journal-replaced', message)
    }
    this.#retired.set(old.uuid, old)
    this.#end(old, 'replaced')
    return old
  }

  /** Seals the current log. Nothing can be appended afterwards. */
  end(reason: string): void {
    this.#end(this.#current, reason)
  }

  /** Gives up a log that is delivered, and returns it if it is one of these. */
  finish(uuid: string): OpenedLog | undefined {
    const retired = this.#retired.get(uuid)
    retired?.log.release()
    this.#retired.delete(uuid)
    return retired
  }

  /** Gives up the locks. */
  release(): void {
    for (const { log } of this.all()) this.#health.guard(() => log.release())
  }

  /** Seals a log, so far as the disk lets it, and lets the worker finish it. */
  #end({ log, control }: OpenedLog, reason: string): void {
    try {
      log.seal(reason)
    } catch (error) {
      const cause = error instanceof ExporterError ? systemErrorCode(error.cause) : undefined
      this.#health.tell(
        'journal-failed',
        `The log could not be sealed (${cause ?? 'unexpected error'}).`,
      )
    }
    this.#health.guard(() => log.closeJournal())
    control.close()
  }
}

/** What the delivery worker has to know of a log of this process. */
export function toTask({ log, uuid, control }: OpenedLog): DeliveryTask {
  return { uuid, directory: log.paths.directory, control: control.buffer, adopted: false }
}

/** On a disk that is full, what dead logs have kept in reserve is given back first. */
function openFirst(opener: LogOpenerOptions): OpenedLog {
  const { disk, settings, takeLock } = opener
  try {
    return openProcessLog(opener)
  } catch (error) {
    const slot = slotPath(settings.directory, serviceOf(settings), settings.slot)
    try {
      freeReserves(disk, slot, takeLock)
      return openProcessLog(opener)
    } catch {
      throw error
    }
  }
}
