import { systemErrorCode } from '../errors.ts'
import type { Scheduler } from '../scheduler.ts'
import type { LogControl } from './control.ts'
import type { DeliveryThread, StartDelivery } from './delivery-thread.ts'
import type { DeliveryTask, WorkerConfiguration, WorkerReport, WorkerRequest } from './messages.ts'

export interface CourierOptions extends Omit<WorkerConfiguration, 'sleeping' | 'refused'> {
  readonly start: StartDelivery
  readonly onReport: (report: WorkerReport) => void
  /**
   * Told when the thread died, or none could be started; another one is. `reason` is an error's
   * code or name.
   */
  readonly onFailure: (reason: string) => void
  /** Guarded (`guardScheduler`). */
  readonly scheduler: Scheduler
  /** Told of what one of the functions above threw. Must not throw. */
  readonly onFault: (error: unknown) => void
}

const MIN_RESTART_MILLIS = 1_000
const MAX_RESTART_MILLIS = 60_000

/** How often a thread that waits looks whether the receiver refuses. */
const LOOK_MILLIS = 20

/**
 * The recording thread's side of delivery: starts the worker, starts another when it dies, and
 * gives it logs. The worker keeps no process alive.
 */
export class Courier {
  readonly #options: CourierOptions
  readonly #sleeping: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4))
  readonly #refused: Int32Array<SharedArrayBuffer> = new Int32Array(new SharedArrayBuffer(4))
  readonly #tasks: Map<string, DeliveryTask> = new Map()
  #thread: DeliveryThread | undefined
  #cancelRestart: () => void = () => undefined
  #restartMillis = MIN_RESTART_MILLIS
  #isStopped = false

  constructor(options: CourierOptions) {
    this.#options = options
    this.#thread = this.#tryStart()
  }

  /** Has a log delivered, from its cursor to the end that its control says. */
  add(task: DeliveryTask): void {
    this.#tasks.set(task.uuid, task)
    this.#post({ type: 'deliver', task })
  }

  /** Tells the worker of new records, if it sleeps; otherwise it finds them by itself. */
  wake(): void {
    if (Atomics.load(this.#sleeping, 0) === 0) return
    if (Atomics.exchange(this.#sleeping, 0, 0) === 1) this.#post({ type: 'wake' })
  }

  /** The log says that the record of the last report was refused. */
  stated(): void {
    this.#post({ type: 'stated' })
  }

  /** Has everything sent at once that is there. */
  flush(): void {
    this.#post({ type: 'flush' })
  }

  /**
   * Blocks this thread until the log is delivered, or the time is over: `refusedMillis` where the
   * receiver does not accept. No message of the worker is heard meanwhile, so it is looked up.
   */
  waitDelivered(control: LogControl, timeoutMillis: number, refusedMillis: number): boolean {
    if (control.isDelivered()) return true
    this.flush()
    const start = performance.now()
    for (;;) {
      const isRefused = Atomics.load(this.#refused, 0) === 1
      const limit = isRefused ? Math.min(refusedMillis, timeoutMillis) : timeoutMillis
      const rest = limit - (performance.now() - start)
      if (control.waitDelivered(Math.min(rest, LOOK_MILLIS))) return true
      if (rest <= 0) return false
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelRestart()
    const thread = this.#thread
    this.#thread = undefined
    await thread?.stop()
  }

  #post(request: WorkerRequest): void {
    this.#thread?.post(request)
  }

  /** The system may have no room for a thread (`ulimit -u`): the journal is kept all the same. */
  #tryStart(): DeliveryThread | undefined {
    try {
      return this.#start()
    } catch (error) {
      const name = error instanceof Error ? error.name : 'unknown error'
      this.#options.onFailure(systemErrorCode(error) ?? name)
      this.#startLater()
      return undefined
    }
  }

  #start(): DeliveryThread {
    const { destination, limits, onFailure, start, userAgent } = this.#options
    const thread: DeliveryThread = start(
      {
        destination,
        limits,
        userAgent,
        sleeping: this.#sleeping.buffer,
        refused: this.#refused.buffer,
      },
      {
        report: (report) => this.#guard(() => this.#receive(report)),
        failed: (reason) => this.#guard(() => onFailure(reason)),
        ended: () => this.#guard(() => this.#startAgain(thread)),
      },
    )
    return thread
  }

  #receive(report: WorkerReport): void {
    if (report.type === 'done') this.#tasks.delete(report.uuid)
    if (report.type === 'restored') this.#restartMillis = MIN_RESTART_MILLIS
    this.#options.onReport(report)
  }

  #startAgain(dead: DeliveryThread): void {
    if (this.#isStopped || this.#thread !== dead) return
    this.#thread = undefined
    this.#startLater()
  }

  #startLater(): void {
    this.#cancelRestart = this.#options.scheduler(() => {
      this.#thread ??= this.#tryStart()
      for (const task of this.#tasks.values()) this.#post({ type: 'deliver', task })
    }, this.#restartMillis)
    this.#restartMillis = Math.min(this.#restartMillis * 2, MAX_RESTART_MILLIS)
  }

  /** In the thread's events nobody stands above who could catch anything. */
  #guard(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#options.onFault(error)
    }
  }
}
