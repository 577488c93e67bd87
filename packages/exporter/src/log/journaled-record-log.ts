import type { Identity, RecordDraft } from '@tokentrail/session'
import { ExporterError, systemErrorCode } from '../errors.ts'
import type { HealthEvent, HealthKind } from '../health.ts'
import { slotPath } from '../journal/layout.ts'
import type { JournalDamage } from '../journal/quarantine.ts'
import { serviceOf } from '../options.ts'
import type { RecordLog, RecordLogState } from '../record-log.ts'
import { guardScheduler } from '../scheduler.ts'
import { type MetricReadings, SelfMetrics } from '../self-metrics.ts'
import type { LogControl } from '../send/control.ts'
import { Courier } from '../send/courier.ts'
import type { StartDelivery } from '../send/delivery-thread.ts'
import type { WorkerReport } from '../send/messages.ts'
import { AdoptedLogs } from './adopted-logs.ts'
import { freeReserves } from './adoption.ts'
import { Cadence } from './cadence.ts'
import { ClockWatch } from './clock-watch.ts'
import { DeliveryFigures, type LogDelivery } from './delivery-figures.ts'
import { FolderCap } from './folder-cap.ts'
import { type LogOpenerOptions, type OpenedLog, openProcessLog } from './log-opener.ts'
import { RecordKeeper } from './record-keeper.ts'
import {
  buildClockStep,
  buildDeliveryRejected,
  buildJournalDamage,
  placeOf,
} from './recorder-events.ts'
import { buildLogRecovered } from './recovered-records.ts'
import { isAboutLog } from './routes.ts'

export interface JournaledRecordLogOptions extends Omit<
  LogOpenerOptions,
  'onSyncFailure' | 'onSyncLate' | 'onCheckpoint' | 'onReserveUsed' | 'onFault'
> {
  readonly onHealth: (event: HealthEvent) => void
  readonly monotonicMillis: () => number
  readonly startDelivery: StartDelivery
}

/** How often files are flushed and looked after. */
const HOUSEKEEPING_MILLIS = 1_000
/** Age at which a log is replaced: its certificate holds for almost an hour more then. */
const REPLACE_AFTER_SECONDS = 23 * 3600
/** A clock that is set back further has left the certificate, which holds for a minute more. */
const REPLACE_BEFORE_SECONDS = 240
/** Below the folder's cap this much is for records about the log alone; then the reserve is. */
const CAP_HEADROOM_BYTES = 64 * 1024
const FLUSH_POLL_MILLIS = 10
const SHUTDOWN_MILLIS = 2_000

/**
 * The log that `openLog` returns. It replaces the process log underneath before its certificate
 * runs out, or when its lock was taken away, and never throws to whoever records. One thread owns
 * it. Longer than others because it is where everything meets; each part is in a file of its own.
 */
export class JournaledRecordLog implements RecordLog {
  readonly #options: JournaledRecordLogOptions
  readonly #opener: LogOpenerOptions
  readonly #courier: Courier
  readonly #cadence: Cadence
  readonly #keeper: RecordKeeper
  readonly #adopted: AdoptedLogs
  readonly #clockWatch: ClockWatch
  readonly #cap: FolderCap | undefined
  readonly #figures: DeliveryFigures
  readonly #metrics: SelfMetrics
  /** Logs that this process has ended and that are still being delivered, by uuid. */
  readonly #retired: Map<string, OpenedLog> = new Map()
  #current: OpenedLog
  /** How many bytes the current log may have before the folder reaches its cap. */
  #allowedBytes = Infinity
  #sealedMillis: number
  #cancelHousekeeping: () => void = () => undefined
  #blocked: string | undefined
  #hasFault = false
  #isClosed = false
  #shutdown: Promise<boolean> | undefined

  constructor(options: JournaledRecordLogOptions) {
    const { clock, disk, monotonicMillis, recorderVersion, settings, takeLock } = options
    const onFault = (error: unknown): void => this.#faulted(error)
    const scheduler = guardScheduler(options.scheduler, onFault)
    this.#options = { ...options, scheduler }
    this.#sealedMillis = monotonicMillis()
    this.#clockWatch = new ClockWatch(clock, monotonicMillis)
    this.#figures = new DeliveryFigures(disk)
    this.#cadence = new Cadence(scheduler, () => this.#cut())
    this.#keeper = this.#createKeeper()
    this.#opener = {
      ...this.#options,
      onFault,
      onSyncFailure: (code) =>
        this.#tell('journal-not-synced', `The journal was not flushed to disk (${code}).`),
      onSyncLate: () => this.#tellLate(),
      onCheckpoint: () => this.#sealed(),
      onReserveUsed: (code) => this.#keeper.outOfRoom(code),
    }
    this.#current = this.#openFirst()
    this.#cadence.appended()
    this.#courier = this.#createCourier()
    this.#deliver(this.#current)
    this.#adopted = this.#createAdopted()
    this.#adopted.adopt(this.#current.uuid, this.#unixMillis())
    const { maxBytes } = settings.limits
    if (maxBytes !== Infinity) {
      this.#cap = new FolderCap({ disk, directory: settings.directory, maxBytes, takeLock })
      this.#measureCap()
    }
    this.#metrics = new SelfMetrics(() => this.#readings(), recorderVersion)
    this.#keepHouse()
  }

  get origin(): string {
    return this.#current.log.origin
  }

  append(record: RecordDraft, identities?: readonly Identity[]): void {
    if (this.#isClosed) this.#keeper.refuse(record)
    else this.#keeper.keep(record, identities)
  }

  admits(): boolean {
    if (this.#options.settings.failurePolicy !== 'fail-closed') return true
    return this.#keeper.isAble && !this.#current.log.isLate
  }

  settled(): Promise<void> | undefined {
    try {
      const waiting = this.#keeper.settled()
      if (waiting === undefined) return this.#current.log.settled()
      return waiting
        .then(() => this.#current.log.settled())
        .catch((error: unknown) => this.#faulted(error))
    } catch (error) {
      // Nobody waits for a log that cannot even say what it waits for.
      this.#faulted(error)
      return undefined
    }
  }

  close(reason = 'shutdown'): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cadence.stop()
    this.#cancelHousekeeping()
    this.#metrics.stop()
    this.#keeper.end()
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
    this.#current.log.settleSoon()
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
    const now = this.#options.monotonicMillis()
    this.#watchDelivery()
    const deliveries = this.#deliveries()
    return {
      origin: log.origin,
      size: log.size,
      signedSize: log.signedSize,
      lost: this.#keeper.lost,
      able: this.#keeper.isAble,
      accepted: this.#figures.accepted(this.#openLogs().map(({ log }) => log.size)),
      deliveredRecords: this.#figures.delivered(deliveries),
      undeliveredBytes: this.#figures.undelivered(deliveries),
      undeliveredSeconds: this.#figures.undeliveredSeconds(now),
      unsealedSeconds: log.uncovered > 0 ? Math.max(0, now - this.#sealedMillis) / 1000 : 0,
      delivered: this.#isDelivered(),
      closed: this.#isClosed,
      ...(this.#blocked === undefined ? {} : { blocked: this.#blocked }),
    }
  }

  #readings(): MetricReadings {
    const state = this.state()
    return { ...state, delivered: state.deliveredRecords }
  }

  async #shutDown(timeoutMillis: number): Promise<boolean> {
    this.close()
    const isDelivered = await this.flush(timeoutMillis)
    this.#options.certificates?.close()
    await this.#courier.stop()
    this.#guard(() => this.#current.log.release())
    for (const { log } of this.#retired.values()) this.#guard(() => log.release())
    this.#guard(() => this.#adopted.release())
    return isDelivered
  }

  /** On a disk that is full, what dead logs have kept in reserve is given back first. */
  #openFirst(): OpenedLog {
    const { disk, settings, takeLock } = this.#options
    try {
      return openProcessLog(this.#opener)
    } catch (error) {
      const slot = slotPath(settings.directory, serviceOf(settings), settings.slot)
      try {
        freeReserves(disk, slot, takeLock)
        return openProcessLog(this.#opener)
      } catch {
        throw error
      }
    }
  }

  #createKeeper(): RecordKeeper {
    const { monotonicMillis, scheduler, settings } = this.#options
    return new RecordKeeper({
      policy: settings.failurePolicy,
      maxWaitMillis: settings.limits.maxWaitMillis,
      scheduler,
      monotonicMillis,
      write: (record, identities) => this.#write(record, identities),
      hasRoom: () => this.#hasRoom(),
      probe: () => this.#current.log.checkpoint(),
      onKept: () => this.#kept(),
      now: () => this.#now(),
      directory: settings.directory,
      tell: (kind, message) => this.#tell(kind, message),
    })
  }

  #createCourier(): Courier {
    const { scheduler, settings, recorderVersion } = this.#options
    const { destination, limits } = settings
    return new Courier({
      start: this.#options.startDelivery,
      scheduler,
      onFault: (error) => this.#faulted(error),
      destination,
      limits,
      userAgent: `tokentrail/${recorderVersion}`,
      onReport: (report) => this.#receive(report),
      onFailure: (reason) =>
        this.#tell('worker-failed', `The delivery thread died (${reason}) and is started again.`),
    })
  }

  #createAdopted(): AdoptedLogs {
    const { disk, settings, takeLock } = this.#options
    return new AdoptedLogs({
      disk,
      slotDirectory: slotPath(settings.directory, serviceOf(settings), settings.slot),
      takeLock,
      limits: settings.limits,
      recordEnd: (origin, end, tail) => {
        const { lost } = this.#keeper
        const drafts = buildLogRecovered(this.#now(), origin, end, tail)
        for (const draft of drafts) this.append(draft)
        return this.#keeper.lost === lost
      },
      flush: () => this.#current.log.syncNow(),
      recordDamage: (uuid, damage) => this.#recordDamage(uuid, damage),
      deliver: (task) => this.#courier.add(task),
      tell: (message) => this.#tell('adoption-failed', message),
    })
  }

  #write(record: RecordDraft, identities: readonly Identity[]): void {
    const { log } = this.#current
    if (log.bytes >= this.#allowedBytes && !isAboutLog(record.type)) this.#beyondCap()
    log.append(record, identities)
  }

  /** What is being served when requests begin to be refused is kept all the same. */
  #beyondCap(): void {
    if (this.#options.settings.failurePolicy === 'fail-closed') this.#keeper.outOfRoom('BYTE_CAP')
    else
      throw new ExporterError(
        'ERR_EXPORTER_JOURNAL_WRITE_FAILED',
        `The journal in ${this.#options.settings.directory} has reached its cap.`,
        { cause: Object.assign(new Error('cap'), { code: 'BYTE_CAP' }) },
      )
  }

  #hasRoom(): boolean {
    const { log } = this.#current
    this.#measureCap()
    return log.bytes + log.missingReserve < this.#allowedBytes && log.fillReserve()
  }

  #measureCap(): void {
    if (this.#cap === undefined) return
    const own = new Set(this.#openLogs().map(({ log }) => log.paths.directory))
    const { log } = this.#current
    try {
      const room = this.#cap.room(own)
      this.#allowedBytes = log.bytes + room - CAP_HEADROOM_BYTES
      if (room < CAP_HEADROOM_BYTES / 2) log.giveReserve()
    } catch (error) {
      const code = systemErrorCode(error) ?? 'unexpected error'
      this.#tell('journal-not-synced', `The folder could not be measured (${code}).`)
    }
  }

  #tellLate(): void {
    const seconds = this.#options.settings.limits.maxWaitMillis / 1000
    this.#tell(
      'journal-not-synced',
      `The disk took more than ${seconds} s to flush: responses went before their records were safe.`,
    )
  }

  #deliver({ log, uuid, control }: OpenedLog): void {
    const { directory } = log.paths
    this.#courier.add({ uuid, directory, control: control.buffer, adopted: false })
  }

  /** Those of this process, the oldest first. */
  #openLogs(): OpenedLog[] {
    return [...this.#retired.values(), this.#current]
  }

  #controls(): LogControl[] {
    return this.#openLogs().map(({ control }) => control)
  }

  #deliveries(): LogDelivery[] {
    return [...this.#openLogs().map(toDelivery), ...this.#adopted.deliveries]
  }

  #isDelivered(): boolean {
    return this.#controls().every((control) => control.isDelivered())
  }

  /** The record is kept whatever becomes of its checkpoint and its delivery: both come later. */
  #kept(): void {
    this.#guard(() => this.#cadence.appended())
    this.#guard(() => this.#courier.wake())
  }

  #sealed(): void {
    this.#sealedMillis = this.#options.monotonicMillis()
    this.#cadence.covered()
  }

  #cut(): void {
    try {
      this.#current.log.checkpoint()
    } catch {
      // Nothing is lost: it is due again in a second, and the next record tells of the disk.
      return
    }
    this.#courier.wake()
  }

  #keepHouse(): void {
    this.#cancelHousekeeping = this.#options.scheduler(() => {
      this.#keepHouse()
      this.#guard(() => this.#tend())
      this.#guard(() => this.#replaceIfOld())
      this.#guard(() => this.#watchClock())
      this.#guard(() => this.#measureCap())
      this.#guard(() => this.#keeper.tick())
      this.#guard(() => this.#watchDelivery())
      this.#guard(() => this.#metrics.bind())
    }, HOUSEKEEPING_MILLIS)
  }

  /** One thing that fails keeps nothing else from being done. */
  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#faulted(error)
    }
  }

  /** Only the kind of fault is told: a message might quote what was being recorded. */
  #faulted(error: unknown): void {
    if (this.#hasFault) return
    this.#hasFault = true
    const kind = systemErrorCode(error) ?? (error instanceof Error ? error.name : 'not an error')
    this.#tell('internal-fault', `A fault of the recorder was caught (${kind}); it goes on.`)
  }

  #tend(): void {
    const { log } = this.#current
    try {
      if (!log.tend()) return
      const { directory } = log.paths
      this.#tell('journal-replaced', `A journal file in ${directory} was gone and was put back.`)
    } catch (error) {
      const code = systemErrorCode(error) ?? 'unexpected error'
      this.#tell('journal-not-synced', `The journal could not be looked after (${code}).`)
    }
  }

  #watchClock(): void {
    const step = this.#clockWatch.look()
    if (step === 0) return
    this.append(buildClockStep(this.#now(), step))
    this.#tell('clock-stepped', `The clock was set by ${step} ms.`)
  }

  #watchDelivery(): void {
    const [first = this.#current] = this.#openLogs()
    this.#figures.look(toDelivery(first), this.#options.monotonicMillis())
  }

  #replaceIfOld(): void {
    const seconds = Number(this.#options.clock.unixNanos() / 1_000_000_000n)
    const age = seconds - this.#current.issuedAt
    const isOld = age >= REPLACE_AFTER_SECONDS || age < -REPLACE_BEFORE_SECONDS
    // Whoever starts next could lock what stands there now: nothing more may be appended to it.
    if (isOld || this.#current.log.isLockLost) this.#replace()
  }

  #replace(): void {
    const old = this.#current
    try {
      this.#current = openProcessLog(this.#opener)
    } catch {
      return
    }
    this.#retired.set(old.uuid, old)
    this.#end(old, 'replaced')
    this.#deliver(this.#current)
    this.#measureCap()
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
    this.#guard(() => log.closeJournal())
    control.close()
    this.#guard(() => this.#courier.wake())
  }

  #receive(report: WorkerReport): void {
    const place = placeOf(this.#options.settings.destination.url)
    switch (report.type) {
      case 'done':
        this.#finish(report.uuid)
        return
      case 'rejected': {
        // Nothing can be said any more: the next process of the slot has it refused, and says so.
        if (this.#isClosed) return
        const { recordId, statusCode } = report
        this.append(buildDeliveryRejected(this.#now(), place, recordId, statusCode))
        this.#courier.stated()
        this.#tell('record-rejected', `${place} refused ${recordId} (${statusCode}); it is parked.`)
        return
      }
      case 'damage':
        this.#recordDamage(report.uuid, report.damage)
        return
      case 'failed':
        this.#tell(
          'delivery-failed',
          `The log ${report.uuid} cannot be delivered (${report.code}); it is tried again.`,
        )
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

  #recordDamage(uuid: string, damage: JournalDamage): void {
    this.append(buildJournalDamage(this.#now(), uuid, damage))
    const { segment, offset, length } = damage
    const what = length === 0 ? 'is gone' : `cannot be read: ${length} bytes at ${offset}`
    this.#tell('journal-damaged', `${segment} of log ${uuid} ${what}.`)
  }

  #finish(uuid: string): void {
    const retired = this.#retired.get(uuid)
    if (retired) {
      this.#figures.forget(retired.log.size, retired.control.deliveredFrames())
      retired.log.release()
      this.#retired.delete(uuid)
    }
    this.#figures.forget(0, this.#adopted.finish(uuid))
  }

  #unixMillis(): number {
    return Number(this.#options.clock.unixNanos() / 1_000_000n)
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

function toDelivery({ log, control }: OpenedLog): LogDelivery {
  return { directory: log.paths.directory, control }
}
