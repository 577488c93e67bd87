import { emptyRoot, formatBase64 } from '@tokentrail/ledger'
import { type LogEnd, formatLogEnd } from '../journal/end.ts'
import { writeDurably } from '../disk/files.ts'
import type { Disk } from '../disk/disk.ts'
import { systemErrorCode } from '../errors.ts'
import { logPaths } from '../journal/layout.ts'
import type { Lock } from '../journal/lock.ts'
import { type JournalDamage, quarantine } from '../journal/quarantine.ts'
import type { DeadTail } from '../journal/rebuild.ts'
import type { RetentionLimits } from '../journal/retention.ts'
import { LogControl } from '../send/control.ts'
import type { DeliveryTask } from '../send/messages.ts'
import { type AdoptedLog, adoptDeadLogs } from './adoption.ts'
import type { LogDelivery } from './delivery-figures.ts'
import { releaseFinished } from './dead-logs.ts'
import { findUnbegun, forgetUnbegun, type ReservedLog } from './reserved-log.ts'

export interface AdoptedLogsOptions {
  readonly disk: Disk
  readonly slotDirectory: string
  readonly takeLock: (path: string) => Lock | undefined
  readonly limits: RetentionLimits
  /** Puts into the living log how a dead one ended. Returns whether it was kept. */
  readonly recordEnd: (origin: string, end: LogEnd, tail: DeadTail | undefined) => boolean
  /** Flushes the living log. Returns whether it was. */
  readonly flush: () => boolean
  readonly recordDamage: (uuid: string, damage: JournalDamage) => void
  /** Has it noted, once it is on disk, what damage was recorded. */
  readonly settleDamage: () => void
  readonly deliver: (task: DeliveryTask) => void
  /** Told what is in the way, in one sentence. */
  readonly tell: (message: string) => void
}

/** The end of a log that never began: RFC 6962 §2.1, the tree over no leaves. */
const NO_RECORDS: LogEnd = Object.freeze({
  kind: 'recovered',
  size: 0,
  root: formatBase64(emptyRoot()),
  lastSignedSize: 0,
})

/**
 * The dead logs of this slot that the living one has taken over: their ends are recorded, what was
 * not delivered is, and what is old goes. Nothing of theirs keeps the living log from being
 * written.
 *
 * Owner: the thread that records.
 */
export class AdoptedLogs {
  readonly #options: AdoptedLogsOptions
  readonly #adopted: Map<string, AdoptedLog & LogDelivery> = new Map()

  constructor(options: AdoptedLogsOptions) {
    this.#options = options
  }

  /** Those that are being delivered. */
  get deliveries(): Iterable<LogDelivery> {
    return this.#adopted.values()
  }

  /** @param self - Uuid of the log that adopts. */
  adopt(self: string, nowMillis: number): void {
    const { disk, slotDirectory, takeLock, tell, limits } = this.#options
    const logs = adoptDeadLogs({
      disk,
      slotDirectory,
      self,
      takeLock,
      onFailure: (directory, code) => tell(`The log ${directory} could not be read (${code}).`),
    })
    this.#speakForAll(logs)
    this.#attempt(slotDirectory, () => this.#options.settleDamage())
    for (const log of logs.filter(({ isDelivered }) => !isDelivered)) this.#deliver(log)
    const finished = logs.filter(({ isDelivered }) => isDelivered)
    this.#attempt(slotDirectory, () => releaseFinished(disk, finished, limits, nowMillis))
    this.#attempt(slotDirectory, () =>
      this.speakForUnbegun(findUnbegun({ disk, slotDirectory, takeLock }, self)),
    )
  }

  /**
   * Records of logs that a registry may know, and that will never begin, that they had no record,
   * and forgets them once that is on disk. It gives up their locks.
   */
  speakForUnbegun(logs: readonly ReservedLog[]): void {
    const { disk, flush, recordEnd } = this.#options
    const spoken = logs.filter(({ origin }) => recordEnd(origin, NO_RECORDS, undefined))
    const isSaid = spoken.length > 0 && flush()
    for (const log of logs) {
      if (isSaid && spoken.includes(log)) {
        this.#attempt(log.directory, () => forgetUnbegun(disk, log))
      }
      log.lock.release()
    }
  }

  /** All of it was delivered. Returns how many frames that took. */
  finish(uuid: string): number {
    const log = this.#adopted.get(uuid)
    log?.lock.release()
    this.#adopted.delete(uuid)
    return log?.control.deliveredFrames() ?? 0
  }

  release(): void {
    for (const uuid of this.#adopted.keys()) this.finish(uuid)
  }

  #attempt(directory: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      const code = systemErrorCode(error) ?? 'unexpected error'
      this.#options.tell(`What a dead log left in ${directory} is in the way (${code}).`)
    }
  }

  /**
   * Records what the ends of dead logs were, once: `log.recovered` of each is on disk before its
   * `end.json` says that somebody has spoken.
   */
  #speakForAll(logs: readonly AdoptedLog[]): void {
    const spoken: (() => void)[] = []
    for (const log of logs) {
      this.#attempt(log.directory, () => {
        const settle = this.#speakFor(log)
        if (settle) spoken.push(() => this.#attempt(log.directory, settle))
      })
    }
    if (spoken.length > 0 && this.#options.flush()) for (const settle of spoken) settle()
  }

  /** Returns what settles it, once the record of it is on disk. */
  #speakFor({ uuid, directory, recovered }: AdoptedLog): (() => void) | undefined {
    const { disk, recordDamage, recordEnd, tell } = this.#options
    const { damage, settled, end, origin, tail } = recovered
    for (const found of damage) {
      if (!settled) this.#attempt(directory, () => quarantine(disk, directory, found))
      recordDamage(uuid, found)
    }
    if (settled) return undefined
    if (!end || origin === undefined) {
      tell(`The end of the log ${directory} cannot be rebuilt.`)
      return undefined
    }
    if (!recordEnd(origin, end, tail)) return undefined
    return () => writeDurably(disk, logPaths(directory).end, formatLogEnd(end))
  }

  #deliver(log: AdoptedLog): void {
    const control = new LogControl()
    control.commit(log.recovered.position)
    control.close()
    const { uuid, directory } = log
    this.#adopted.set(uuid, { ...log, control })
    this.#options.deliver({ uuid, directory, control: control.buffer, adopted: true })
  }
}
