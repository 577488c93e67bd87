import type { LossReason } from '@tokentrail/semantic-conventions'
import type { Identity, RecordDraft } from '@tokentrail/session'
import { writeDurably } from '../disk/files.ts'
import { ExporterError, systemErrorCode } from '../errors.ts'
import type { HealthEvent, HealthKind } from '../health.ts'
import { formatLogEnd } from '../journal/end.ts'
import { logPaths, slotPath } from '../journal/layout.ts'
import type { JournalDamage } from '../journal/quarantine.ts'
import { quarantine } from '../journal/quarantine.ts'
import { serviceOf } from '../options.ts'
import type { RecordLog, RecordLogState } from '../record-log.ts'
import { LogControl } from '../send/control.ts'
import { Courier } from '../send/courier.ts'
import type { WorkerReport } from '../send/messages.ts'
import { type AdoptedLog, adoptDeadLogs } from './adoption.ts'
import { Cadence } from './cadence.ts'
import { releaseFinished } from './dead-logs.ts'
import { type LogOpenerOptions, type OpenedLog, openProcessLog } from './log-opener.ts'
import { Losses } from './losses.ts'
import { buildDeliveryRejected, buildJournalDamage, placeOf } from './recorder-events.ts'
import { buildLogRecovered } from './recovered-records.ts'

export interface JournaledRecordLogOptions extends Omit<
  LogOpenerOptions,
  'onSyncFailure' | 'onSyncLate' | 'onCheckpoint'
> {
  readonly onHealth: (event: HealthEvent) => void
}

/** How often files are flushed and looked after. */
const HOUSEKEEPING_MILLIS = 1_000
/** Age at which a log is replaced: its certificate holds for almost an hour more then. */
const REPLACE_AFTER_SECONDS = 23 * 3600
const FLUSH_POLL_MILLIS = 10
const SHUTDOWN_MILLIS = 2_000

/**
 * The log that `openLog` returns. It replaces the process log underneath before its certificate
 * runs out, counts what cannot be kept, and never throws to whoever records. One thread owns it.
 */
export class JournaledRecordLog implements RecordLog {
  readonly #options: JournaledRecordLogOptions
  readonly #opener: LogOpenerOptions
  readonly #courier: Courier
  readonly #cadence: Cadence
  readonly #losses: Losses = new Losses()
  /** Logs that this process has ended and that are still being delivered, by uuid. */
  readonly #retired: Map<string, OpenedLog> = new Map()
  readonly #adopted: Map<string, AdoptedLog> = new Map()
  #current: OpenedLog
  #cancelHousekeeping: () => void = () => undefined
  #hasFailed = false
  #isUntended = true
  #blocked: string | undefined
  #isClosed = false
  #shutdown: Promise<boolean> | undefined

  constructor(options: JournaledRecordLogOptions) {
    this.#options = options
    this.#cadence = new Cadence(options.scheduler, () => this.#cut())
    this.#opener = {
      ...options,
      onSyncFailure: (code) =>
        this.#tell('journal-not-synced', `The journal was not flushed to disk (${code}).`),
      onSyncLate: () => this.#tellLate(),
      onCheckpoint: () => this.#cadence.covered(),
    }
    this.#current = openProcessLog(this.#opener)
    this.#cadence.appended()
    this.#courier = this.#createCourier()
    this.#deliver(this.#current)
    this.#adopt()
    this.#keepHouse()
  }

  get origin(): string {
    return this.#current.log.origin
  }

  append(record: RecordDraft, identities?: readonly Identity[]): void {
    try {
      if (this.#isClosed) throw new TypeError('the log is closed')
      if (!this.#losses.isEmpty) this.#settleLosses()
      this.#current.log.append(record, identities)
    } catch (error) {
      this.#lose(record, error)
      return
    }
    this.#kept()
  }

  settled(): Promise<void> | undefined {
    try {
      return this.#current.log.settled()
    } catch {
      // Nobody waits for a log that cannot even say what it waits for.
      return undefined
    }
  }

  close(reason = 'shutdown'): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cadence.stop()
    this.#cancelHousekeeping()
    try {
      if (!this.#losses.isEmpty) this.#settleLosses()
    } catch {
      // What could not be said before cannot be said now; the counts were told by `onHealth`.
    }
    this.#end(this.#current, reason)
  }

  waitDelivered(timeoutMillis: number, refusedMillis: number = timeoutMillis): boolean {
    const start = performance.now()
    return this.#controls().every((control) => {
      const passed = performance.now() - start
      return this.#courier.waitDelivered(control, timeoutMillis - passed, refusedMillis - passed)
    })
  }

  async flush(timeoutMillis: number): Promise<boolean> {
    const end = performance.now() + timeoutMillis
    this.#courier.flush()
    while (!this.#isDelivered() && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, FLUSH_POLL_MILLIS))
    }
    return this.#isDelivered()
  }

  shutdown(timeoutMillis: number = SHUTDOWN_MILLIS): Promise<boolean> {
    this.#shutdown ??= this.#shutDown(timeoutMillis)
    return this.#shutdown
  }

  state(): RecordLogState {
    const { log } = this.#current
    return {
      origin: log.origin,
      size: log.size,
      signedSize: log.signedSize,
      lost: this.#losses.total,
      delivered: this.#isDelivered(),
      closed: this.#isClosed,
      ...(this.#blocked === undefined ? {} : { blocked: this.#blocked }),
    }
  }

  async #shutDown(timeoutMillis: number): Promise<boolean> {
    this.close()
    const isDelivered = await this.flush(timeoutMillis)
    await this.#courier.stop()
    this.#current.log.release()
    for (const { log } of this.#retired.values()) log.release()
    for (const { lock } of this.#adopted.values()) lock.release()
    return isDelivered
  }

  #tellLate(): void {
    const seconds = this.#options.settings.limits.maxWaitMillis / 1000
    this.#tell(
      'journal-not-synced',
      `The disk took more than ${seconds} s to flush: responses went before their records were safe.`,
    )
  }

  #createCourier(): Courier {
    const { settings, recorderVersion } = this.#options
    const { destination, limits } = settings
    return new Courier({
      destination,
      limits,
      userAgent: `tokentrail/${recorderVersion}`,
      onReport: (report) => this.#receive(report),
      onFailure: (reason) =>
        this.#tell('worker-failed', `The delivery thread died (${reason}) and is started again.`),
    })
  }

  #deliver({ log, uuid, control }: OpenedLog): void {
    const { directory } = log.paths
    this.#courier.add({ uuid, directory, control: control.buffer, adopted: false })
  }

  #controls(): LogControl[] {
    return [...this.#retired.values(), this.#current].map(({ control }) => control)
  }

  #isDelivered(): boolean {
    return this.#controls().every((control) => control.isDelivered())
  }

  #kept(): void {
    this.#isUntended = true
    this.#cadence.appended()
    this.#courier.wake()
    if (!this.#hasFailed) return
    this.#hasFailed = false
    this.#tell('journal-restored', 'Records are kept again.')
  }

  #settleLosses(): void {
    const time = this.#now()
    this.#losses.settle(time, (draft) => {
      this.#current.log.append(draft)
      this.#kept()
    })
  }

  #lose(record: RecordDraft, error: unknown): void {
    const cause = error instanceof ExporterError ? systemErrorCode(error.cause) : undefined
    this.#losses.add(reasonOf(cause), record.time)
    if (cause === undefined) {
      const code = systemErrorCode(error) ?? 'unexpected error'
      this.#tell('record-lost', `A record of type ${record.type} could not be kept (${code}).`)
      return
    }
    if (this.#hasFailed) return
    this.#hasFailed = true
    const { directory } = this.#options.settings
    this.#tell('journal-failed', `Records are not kept: ${directory} refuses writes (${cause}).`)
  }

  #cut(): void {
    try {
      this.#current.log.checkpoint()
    } catch {
      // Nothing is lost: it is due again in a second, and the next record tells of the disk.
      return
    }
    this.#isUntended = true
    this.#courier.wake()
  }

  #keepHouse(): void {
    this.#cancelHousekeeping = this.#options.scheduler(() => {
      this.#tend()
      this.#replaceIfOld()
      this.#keepHouse()
    }, HOUSEKEEPING_MILLIS)
  }

  #tend(): void {
    if (!this.#isUntended) return
    this.#isUntended = false
    const { log } = this.#current
    try {
      if (!log.tend()) return
      const { directory } = log.paths
      this.#tell('journal-replaced', `A journal file in ${directory} was gone and was put back.`)
    } catch (error) {
      this.#isUntended = true
      const code = systemErrorCode(error) ?? 'unexpected error'
      this.#tell('journal-not-synced', `The journal could not be looked after (${code}).`)
    }
  }

  #replaceIfOld(): void {
    const seconds = Number(this.#options.clock.unixNanos() / 1_000_000_000n)
    if (seconds - this.#current.issuedAt < REPLACE_AFTER_SECONDS) return
    const old = this.#current
    try {
      this.#current = openProcessLog(this.#opener)
    } catch {
      return
    }
    this.#retired.set(old.uuid, old)
    this.#end(old, 'replaced')
    this.#deliver(this.#current)
    for (const draft of buildLogRecovered(this.#now(), old.log.origin, old.log.head)) {
      this.append(draft)
    }
  }

  /** Seals a log, so far as the disk lets it, and lets the worker finish it. */
  #end({ log, control }: OpenedLog, reason: string): void {
    try {
      log.seal(reason)
    } catch (error) {
      const cause = error instanceof ExporterError ? systemErrorCode(error.cause) : undefined
      this.#tell('journal-failed', `The log could not be sealed (${cause ?? 'unexpected error'}).`)
    }
    log.closeJournal()
    control.close()
    this.#courier.wake()
  }

  #adopt(): void {
    const { disk, settings, takeLock, clock } = this.#options
    const logs = adoptDeadLogs({
      disk,
      slotDirectory: slotPath(settings.directory, serviceOf(settings), settings.slot),
      self: this.#current.uuid,
      takeLock,
      onFailure: (directory, code) =>
        this.#tell('adoption-failed', `The log ${directory} could not be read (${code}).`),
    })
    for (const log of logs) this.#attempt(log.directory, () => this.#speakFor(log))
    for (const log of logs.filter(({ isDelivered }) => !isDelivered)) this.#deliverAdopted(log)
    const nowMillis = Number(clock.unixNanos() / 1_000_000n)
    const finished = logs.filter(({ isDelivered }) => isDelivered)
    const { limits, directory } = settings
    this.#attempt(directory, () => releaseFinished(disk, finished, limits, nowMillis))
  }

  /** What a dead log's folder refuses must not keep the living one from being written. */
  #attempt(directory: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      const code = systemErrorCode(error) ?? 'unexpected error'
      this.#tell('adoption-failed', `What a dead log left in ${directory} is in the way (${code}).`)
    }
  }

  /** Records what the end of a dead log was, once. */
  #speakFor({ uuid, directory, recovered }: AdoptedLog): void {
    const { disk } = this.#options
    const { damage, settled, end, origin, tail } = recovered
    for (const found of damage)
      this.#recordDamage(uuid, found, () => quarantine(disk, directory, found))
    if (settled) return
    if (!end || origin === undefined) {
      this.#tell('adoption-failed', `The end of the log ${directory} cannot be rebuilt.`)
      return
    }
    const lost = this.#losses.total
    for (const draft of buildLogRecovered(this.#now(), origin, end, tail)) this.append(draft)
    if (this.#losses.total === lost) writeDurably(disk, logPaths(directory).end, formatLogEnd(end))
  }

  #deliverAdopted(log: AdoptedLog): void {
    const control = new LogControl()
    control.commit(log.recovered.position)
    control.close()
    const { uuid, directory } = log
    this.#adopted.set(uuid, log)
    this.#courier.add({ uuid, directory, control: control.buffer, adopted: true })
  }

  #receive(report: WorkerReport): void {
    const place = placeOf(this.#options.settings.destination.url)
    switch (report.type) {
      case 'done':
        this.#finish(report.uuid)
        return
      case 'rejected': {
        const { recordId, statusCode } = report
        this.append(buildDeliveryRejected(this.#now(), place, recordId, statusCode))
        this.#tell('record-rejected', `${place} refused ${recordId} (${statusCode}); it is parked.`)
        return
      }
      case 'damage':
        this.#recordDamage(report.uuid, report.damage, () => undefined)
        return
      case 'blocked':
        this.#blocked = report.reason
        this.#tell('delivery-blocked', `${place} does not accept records (${report.reason}).`)
        return
      case 'restored':
        this.#blocked = undefined
        this.#tell('delivery-restored', `${place} accepts records again.`)
    }
  }

  #recordDamage(uuid: string, damage: JournalDamage, keep: () => void): void {
    keep()
    this.append(buildJournalDamage(this.#now(), uuid, damage))
    const { segment, offset, length } = damage
    const what = length === 0 ? 'is gone' : `cannot be read: ${length} bytes at ${offset}`
    this.#tell('journal-damaged', `${segment} of log ${uuid} ${what}.`)
  }

  #finish(uuid: string): void {
    this.#retired.get(uuid)?.log.release()
    this.#retired.delete(uuid)
    this.#adopted.get(uuid)?.lock.release()
    this.#adopted.delete(uuid)
  }

  #now(): string {
    return this.#options.clock.unixNanos().toString()
  }

  #tell(kind: HealthKind, message: string): void {
    try {
      this.#options.onHealth({ kind, message })
    } catch {
      // Whoever listens must not be able to stop the recording.
    }
  }
}

function reasonOf(code: string | undefined): LossReason {
  return code === 'ENOSPC' || code === 'EDQUOT' ? 'disk_full' : 'unknown'
}
