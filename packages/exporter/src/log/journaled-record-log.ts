import { join } from 'node:path'
import type { Identity, RecordDraft } from '@tokentrail/session'
import { ExporterError } from '../errors.ts'
import type { HealthEvent } from '../health.ts'
import { slotPath } from '../journal/layout.ts'
import { serviceOf } from '../options.ts'
import type { RecordLog, RecordLogState } from '../record-log.ts'
import { guardScheduler } from '../scheduler.ts'
import { SelfMetrics } from '../self-metrics.ts'
import { Courier } from '../send/courier.ts'
import type { StartDelivery } from '../send/delivery-thread.ts'
import { AdoptedLogs } from './adopted-logs.ts'
import { Cadence } from './cadence.ts'
import { ClockWatch } from './clock-watch.ts'
import { DamageStatements } from './damage-statements.ts'
import { DeliveryFigures, type LogDelivery } from './delivery-figures.ts'
import { FolderCap } from './folder-cap.ts'
import { HealthTeller } from './health-teller.ts'
import { Housekeeping } from './housekeeping.ts'
import { JournalCare } from './journal-care.ts'
import { JournalRoom } from './journal-room.ts'
import type { LogOpenerOptions, OpenedLog } from './log-opener.ts'
import { ProcessLogs, toTask } from './process-logs.ts'
import { RecordKeeper } from './record-keeper.ts'
import { buildClockStep, placeOf } from './recorder-events.ts'
import { buildLogRecovered } from './recovered-records.ts'
import { isAboutLog } from './routes.ts'
import { WorkerReports } from './worker-reports.ts'

export interface JournaledRecordLogOptions extends Omit<
  LogOpenerOptions,
  'onSyncFailure' | 'onSyncLate' | 'onCheckpoint' | 'onReserveUsed' | 'onFault'
> {
  readonly onHealth: (event: HealthEvent) => void
  readonly monotonicMillis: () => number
  readonly startDelivery: StartDelivery
}

const FLUSH_POLL_MILLIS = 10
const SHUTDOWN_MILLIS = 2_000

/**
 * The log that `openLog` returns. It replaces the process log underneath before its certificate
 * runs out, or when its lock was taken away, and never throws to whoever records. One thread owns
 * it. Longer than others because it is where everything meets; each part is in a file of its own.
 */
export class JournaledRecordLog implements RecordLog {
  readonly #options: JournaledRecordLogOptions
  readonly #health: HealthTeller
  readonly #logs: ProcessLogs
  readonly #room: JournalRoom
  readonly #courier: Courier
  readonly #damage: DamageStatements
  readonly #reports: WorkerReports
  readonly #cadence: Cadence
  readonly #keeper: RecordKeeper
  readonly #adopted: AdoptedLogs
  readonly #clockWatch: ClockWatch
  readonly #figures: DeliveryFigures
  readonly #metrics: SelfMetrics
  readonly #care: JournalCare
  readonly #housekeeping: Housekeeping
  #sealedMillis: number
  #isClosed = false
  #shutdown: Promise<boolean> | undefined

  constructor(options: JournaledRecordLogOptions) {
    const { clock, disk, monotonicMillis, recorderVersion } = options
    this.#health = new HealthTeller(options.onHealth)
    const onFault = (error: unknown): void => this.#health.faulted(error)
    const scheduler = guardScheduler(options.scheduler, onFault)
    this.#options = { ...options, scheduler }
    this.#sealedMillis = monotonicMillis()
    this.#clockWatch = new ClockWatch(clock, monotonicMillis)
    this.#figures = new DeliveryFigures(disk)
    this.#cadence = new Cadence(scheduler, () => this.#cut())
    this.#keeper = this.#createKeeper()
    this.#logs = new ProcessLogs(this.#openerOptions(onFault), this.#health)
    this.#room = this.#createRoom()
    this.#cadence.appended()
    this.#damage = this.#createDamage()
    this.#reports = this.#createReports()
    this.#courier = this.#createCourier()
    this.#courier.add(toTask(this.#logs.current))
    this.#adopted = this.#createAdopted()
    this.#adopted.adopt(this.#logs.current.uuid, Number(clock.unixNanos() / 1_000_000n))
    this.#room.measure()
    this.#metrics = new SelfMetrics(() => {
      const state = this.state()
      return { ...state, delivered: state.deliveredRecords }
    }, recorderVersion)
    this.#care = new JournalCare(this.#health)
    this.#housekeeping = this.#keepHouse()
  }

  get origin(): string {
    return this.#logs.current.log.origin
  }

  append(record: RecordDraft, identities?: readonly Identity[]): void {
    if (this.#isClosed) this.#keeper.refuse(record)
    else this.#keeper.keep(record, identities)
  }

  admits(): boolean {
    if (this.#options.settings.failurePolicy !== 'fail-closed') return true
    return this.#keeper.isAble && !this.#logs.current.log.isLate
  }

  settled(): Promise<void> | undefined {
    try {
      const waiting = this.#keeper.settled()
      if (waiting === undefined) return this.#logs.current.log.settled()
      return waiting
        .then(() => this.#logs.current.log.settled())
        .catch((error: unknown) => this.#health.faulted(error))
    } catch (error) {
      // Nobody waits for a log that cannot even say what it waits for.
      this.#health.faulted(error)
      return undefined
    }
  }

  close(reason = 'shutdown'): void {
    if (this.#isClosed) return
    this.#health.guard(() => this.#abandonNext())
    this.#isClosed = true
    this.#cadence.stop()
    this.#housekeeping.stop()
    this.#metrics.stop()
    this.#keeper.end()
    this.#health.guard(() => this.#damage.settle())
    this.#logs.end(reason)
    this.#wake()
  }

  waitDelivered(timeoutMillis: number, refusedMillis: number = timeoutMillis): boolean {
    const start = performance.now()
    return this.#logs.all().every(({ control }) => {
      const passed = performance.now() - start
      return this.#courier.waitDelivered(control, timeoutMillis - passed, refusedMillis - passed)
    })
  }

  async flush(timeoutMillis: number): Promise<boolean> {
    const end = performance.now() + timeoutMillis
    this.#logs.current.log.settleSoon()
    this.#courier.flush()
    while (!this.#logs.isDelivered && performance.now() < end) {
      await new Promise((resolve) => setTimeout(resolve, FLUSH_POLL_MILLIS))
    }
    return this.#logs.isDelivered
  }

  shutdown(timeoutMillis: number = SHUTDOWN_MILLIS): Promise<boolean> {
    this.#shutdown ??= this.#shutDown(timeoutMillis)
    return this.#shutdown
  }

  state(): RecordLogState {
    const { log } = this.#logs.current
    const now = this.#options.monotonicMillis()
    this.#watchDelivery()
    const deliveries = [...this.#logs.all().map(toDelivery), ...this.#adopted.deliveries]
    const { blocked } = this.#reports
    return {
      origin: log.origin,
      size: log.size,
      signedSize: log.signedSize,
      lost: this.#keeper.lost,
      able: this.#keeper.isAble,
      accepted: this.#figures.accepted(this.#logs.all().map(({ log }) => log.size)),
      deliveredRecords: this.#figures.delivered(deliveries),
      undeliveredBytes: this.#figures.undelivered(deliveries),
      undeliveredSeconds: this.#figures.undeliveredSeconds(now),
      unsealedSeconds: log.uncovered > 0 ? Math.max(0, now - this.#sealedMillis) / 1000 : 0,
      delivered: this.#logs.isDelivered,
      closed: this.#isClosed,
      ...(blocked === undefined ? {} : { blocked }),
    }
  }

  get #slotDirectory(): string {
    const { settings } = this.#options
    return slotPath(settings.directory, serviceOf(settings), settings.slot)
  }

  /** A log that a registry was asked to certify, and that will not follow this one any more. */
  #abandonNext(): void {
    const next = this.#options.certificates?.abandon()
    if (next === undefined) return
    this.#adopted.speakForUnbegun([{ ...next, directory: join(this.#slotDirectory, next.uuid) }])
  }

  async #shutDown(timeoutMillis: number): Promise<boolean> {
    this.close()
    const isDelivered = await this.flush(timeoutMillis)
    this.#options.certificates?.close()
    await this.#courier.stop()
    this.#logs.release()
    this.#health.guard(() => this.#adopted.release())
    return isDelivered
  }

  #openerOptions(onFault: (error: unknown) => void): LogOpenerOptions {
    const { maxWaitMillis } = this.#options.settings.limits
    return {
      ...this.#options,
      onFault,
      onSyncFailure: (code) =>
        this.#health.tell('journal-not-synced', `The journal was not flushed to disk (${code}).`),
      onSyncLate: () =>
        this.#health.tell(
          'journal-not-synced',
          `The disk took more than ${maxWaitMillis / 1000} s to flush: responses went before their records were safe.`,
        ),
      onCheckpoint: () => this.#sealed(),
      onReserveUsed: (code) => this.#keeper.outOfRoom(code),
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
      hasRoom: () => this.#room.regain(),
      probe: () => this.#logs.current.log.checkpoint(),
      onKept: () => this.#kept(),
      now: () => this.#now(),
      directory: settings.directory,
      tell: (kind, message) => this.#health.tell(kind, message),
    })
  }

  #createRoom(): JournalRoom {
    const { disk, settings, takeLock } = this.#options
    const { directory } = settings
    const { maxBytes } = settings.limits
    const isCapped = maxBytes !== Infinity
    const cap = isCapped ? new FolderCap({ disk, directory, maxBytes, takeLock }) : undefined
    return new JournalRoom(this.#logs, cap, (code) =>
      this.#health.tell('journal-not-synced', `The folder could not be measured (${code}).`),
    )
  }

  #createDamage(): DamageStatements {
    return new DamageStatements({
      disk: this.#options.disk,
      slotDirectory: this.#slotDirectory,
      now: () => this.#now(),
      append: (draft) => this.#record([draft]),
      flush: () => this.#logs.current.log.syncNow(),
    })
  }

  /** Returns whether all of them were kept. */
  #record(drafts: readonly RecordDraft[]): boolean {
    const { lost } = this.#keeper
    for (const draft of drafts) this.append(draft)
    return this.#keeper.lost === lost
  }

  #createReports(): WorkerReports {
    return new WorkerReports({
      health: this.#health,
      place: placeOf(this.#options.settings.destination.url),
      now: () => this.#now(),
      append: (draft) => this.append(draft),
      stateDamage: (uuid, damage) => this.#damage.state(uuid, damage),
      isClosed: () => this.#isClosed,
      onStated: () => this.#courier.stated(),
      onDone: (uuid) => this.#finish(uuid),
    })
  }

  #createCourier(): Courier {
    const { scheduler, settings, recorderVersion } = this.#options
    const { destination, limits } = settings
    return new Courier({
      start: this.#options.startDelivery,
      scheduler,
      onFault: (error) => this.#health.faulted(error),
      destination,
      limits,
      userAgent: `tokentrail/${recorderVersion}`,
      onReport: (report) => this.#reports.receive(report),
      onFailure: (reason) =>
        this.#health.tell(
          'worker-failed',
          `The delivery thread died (${reason}) and is started again.`,
        ),
    })
  }

  #createAdopted(): AdoptedLogs {
    const { disk, settings, takeLock } = this.#options
    return new AdoptedLogs({
      disk,
      slotDirectory: this.#slotDirectory,
      takeLock,
      limits: settings.limits,
      recordEnd: (origin, end, tail) =>
        this.#record(buildLogRecovered(this.#now(), origin, end, tail)),
      flush: () => this.#logs.current.log.syncNow(),
      recordDamage: (uuid, damage) => this.#reports.recordDamage(uuid, damage),
      settleDamage: () => this.#damage.settle(),
      deliver: (task) => this.#courier.add(task),
      tell: (message) => this.#health.tell('adoption-failed', message),
    })
  }

  #keepHouse(): Housekeeping {
    return new Housekeeping(this.#options.scheduler, (work) => this.#health.guard(work), [
      () => this.#care.tend(this.#logs.current.log),
      () => this.#damage.settle(),
      () => this.#replaceIfOld(),
      () => this.#watchClock(),
      () => this.#room.measure(),
      () => this.#keeper.tick(),
      () => this.#watchDelivery(),
      () => this.#metrics.bind(),
    ])
  }

  #write(record: RecordDraft, identities: readonly Identity[]): void {
    const { log } = this.#logs.current
    if (this.#room.isUsedUp(log) && !isAboutLog(record.type)) this.#beyondCap()
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

  /** The record is kept whatever becomes of its checkpoint and its delivery: both come later. */
  #kept(): void {
    try {
      this.#cadence.appended()
    } catch (error) {
      this.#health.faulted(error)
    }
    this.#wake()
  }

  #wake(): void {
    try {
      this.#courier.wake()
    } catch (error) {
      this.#health.faulted(error)
    }
  }

  #sealed(): void {
    this.#sealedMillis = this.#options.monotonicMillis()
    this.#cadence.covered()
  }

  #cut(): void {
    try {
      this.#logs.current.log.checkpoint()
    } catch {
      // Nothing is lost: it is due again in a second, and the next record tells of the disk.
      return
    }
    this.#courier.wake()
  }

  #watchClock(): void {
    const step = this.#clockWatch.look()
    if (step === 0) return
    this.append(buildClockStep(this.#now(), step))
    this.#health.tell('clock-stepped', `The clock was set by ${step} ms.`)
  }

  #watchDelivery(): void {
    const [first = this.#logs.current] = this.#logs.all()
    this.#figures.look(toDelivery(first), this.#options.monotonicMillis())
  }

  #replaceIfOld(): void {
    if (!this.#logs.isReplaceable) return
    const old = this.#logs.replace()
    if (!old) return
    this.#wake()
    this.#courier.add(toTask(this.#logs.current))
    this.#room.measure()
    for (const draft of buildLogRecovered(this.#now(), old.log.origin, old.log.head)) {
      this.append(draft)
    }
  }

  #finish(uuid: string): void {
    const own = this.#logs.finish(uuid)
    if (own) this.#figures.forget(own.log.size, own.control.deliveredFrames())
    this.#figures.forget(0, this.#adopted.finish(uuid))
  }

  #now(): string {
    return this.#options.clock.unixNanos().toString()
  }
}

function toDelivery({ log, control }: OpenedLog): LogDelivery {
  return { directory: log.paths.directory, control }
}
