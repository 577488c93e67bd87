import type { Disk } from '../disk/disk.ts'
import { closeQuietly, writeFully } from '../disk/files.ts'
import { systemErrorCode } from '../errors.ts'
import { Cursor } from '../journal/cursor.ts'
import { readEnvelope } from '../journal/envelope.ts'
import { type LogPaths, logPaths } from '../journal/layout.ts'
import { type JournalDamage, isStated, quarantine } from '../journal/quarantine.ts'
import { chooseExpired, listDelivered } from '../journal/retention.ts'
import type { Scheduler } from '../scheduler.ts'
import { judgeReply } from './answer.ts'
import { BodyBuilder } from './batch-body.ts'
import { BodySender } from './body-sender.ts'
import { LogControl } from './control.ts'
import { Delivery } from './delivery.ts'
import { Doorbell } from './doorbell.ts'
import type { Transport } from './http-transport.ts'
import { deliverLog } from './log-delivery.ts'
import type { DeliveryTask, WorkerConfiguration, WorkerReport, WorkerRequest } from './messages.ts'
import { Receiver } from './receiver.ts'
import { recordIdOf } from './record-id.ts'
import { Tail } from './tail.ts'

/** Looked at again so often even without a call: a journal file may have been put back meanwhile. */
const IDLE_MILLIS = 5_000

/** How soon a log is tried again whose files could not be used; doubled each time. */
const MIN_REPEAT_MILLIS = 1_000
const MAX_REPEAT_MILLIS = 60_000

/** Longest wait for the recording thread to say in the log that a record was refused. */
const STATEMENT_MILLIS = 5_000

/** What the delivery worker needs beside its configuration. */
export interface DeliveryWorkerPorts {
  readonly disk: Disk
  readonly nowMillis: () => number
  readonly random: () => number
  readonly scheduler: Scheduler
  /** Moves bytes to the receiver that the configuration names. */
  readonly createTransport: (configuration: WorkerConfiguration) => Transport
  readonly report: (report: WorkerReport) => void
}

/**
 * Delivers logs to one receiver: those of this process side by side, those of dead ones one after
 * the other. Its thread owns the cursors.
 */
export class DeliveryWorker {
  readonly #configuration: WorkerConfiguration
  readonly #ports: DeliveryWorkerPorts
  readonly #sender: BodySender
  readonly #receiver: Receiver
  readonly #sleeping: Int32Array
  readonly #records: Doorbell
  readonly #flush: Doorbell
  readonly #stated: Doorbell
  #isFlushing = false
  #adoptions: Promise<void> = Promise.resolve()

  constructor(configuration: WorkerConfiguration, ports: DeliveryWorkerPorts) {
    this.#configuration = configuration
    this.#ports = ports
    this.#records = new Doorbell(ports.scheduler)
    this.#flush = new Doorbell(ports.scheduler)
    this.#stated = new Doorbell(ports.scheduler)
    const { compression } = configuration.destination
    this.#sender = new BodySender(ports.createTransport(configuration), compression, (statusCode) =>
      ports.report({ type: 'compression-refused', statusCode }),
    )
    this.#sleeping = new Int32Array(configuration.sleeping)
    const refused = new Int32Array(configuration.refused)
    this.#receiver = new Receiver((reason) => {
      Atomics.store(refused, 0, reason === undefined ? 0 : 1)
      ports.report(reason === undefined ? { type: 'restored' } : { type: 'blocked', reason })
    })
  }

  /** Takes a request of the recording thread. */
  handle(request: WorkerRequest): void {
    if (request.type === 'deliver') this.#begin(request.task)
    if (request.type === 'stated') this.#stated.ring()
    if (request.type === 'flush') {
      this.#isFlushing = true
      this.#flush.ring()
    }
    this.#records.ring()
  }

  #begin(task: DeliveryTask, failures = 0): void {
    if (task.adopted) this.#adoptions = this.#adoptions.then(() => this.#attempt(task, failures))
    else void this.#attempt(task, failures)
  }

  /** What one log's folder refuses keeps no other log from being delivered: it has to come again. */
  async #attempt(task: DeliveryTask, failures: number): Promise<void> {
    try {
      await this.#deliver(task)
    } catch (error) {
      const code = systemErrorCode(error) ?? 'unexpected error'
      if (failures === 0) this.#ports.report({ type: 'failed', uuid: task.uuid, code })
      const millis = Math.min(MIN_REPEAT_MILLIS * 2 ** failures, MAX_REPEAT_MILLIS)
      this.#ports.scheduler(() => this.#begin(task, Math.min(failures + 1, 30)), millis)
    }
  }

  async #deliver(task: DeliveryTask): Promise<void> {
    const { disk, report } = this.#ports
    const paths = logPaths(task.directory)
    const cursor = Cursor.open(disk, paths.cursor)
    const tail = new Tail(
      disk,
      task.directory,
      cursor.position,
      this.#configuration.limits,
      (damage) => this.#reportDamage(task, damage),
    )
    try {
      await deliverLog({
        tail,
        cursor,
        control: new LogControl(task.control),
        delivery: this.#createDelivery(paths),
        receiver: this.#receiver,
        idle: (control) => this.#idle(control),
        gather: () => this.#gather(),
        segmentDone: () => this.#removeExpired(paths, cursor),
      })
    } finally {
      tail.close()
      cursor.close()
    }
    report({ type: 'done', uuid: task.uuid })
  }

  #createDelivery(paths: LogPaths): Delivery {
    const { disk, nowMillis, random, report } = this.#ports
    const { limits } = this.#configuration
    const envelope = readEnvelope(disk, paths.directory)
    const bodies = new BodyBuilder(envelope)
    return new Delivery(
      {
        receiver: this.#receiver,
        random,
        pause: async (millis) => void (await this.#flush.wait(millis)),
        send: async (frames) =>
          judgeReply(await this.#sender.send(bodies.build(frames)), nowMillis()),
        park: async (frame, statusCode) => {
          // First the statement: whoever is killed in between has the record refused once more.
          const stated = this.#stated.wait(STATEMENT_MILLIS)
          report({ type: 'rejected', recordId: recordIdOf(frame), statusCode })
          if (!(await stated)) throw new UnstatedError()
          appendLine(disk, paths.rejected, frame)
        },
      },
      limits,
    )
  }

  async #idle(control: LogControl): Promise<void> {
    Atomics.store(this.#sleeping, 0, 1)
    this.#isFlushing = false
    // A record that was committed before the flag stood would wake nobody.
    if (!control.isDelivered()) return
    await this.#records.wait(IDLE_MILLIS)
    Atomics.store(this.#sleeping, 0, 0)
  }

  async #gather(): Promise<void> {
    if (!this.#isFlushing) await this.#flush.wait(this.#configuration.limits.batchDelayMillis)
  }

  #reportDamage(task: DeliveryTask, damage: JournalDamage): void {
    const { disk, report } = this.#ports
    try {
      if (isStated(disk, task.directory, damage)) return
      quarantine(disk, task.directory, damage)
    } catch {
      // No room for a copy, or nothing to be read: the segment itself stays.
    }
    report({ type: 'damage', uuid: task.uuid, damage })
  }

  #removeExpired(paths: LogPaths, cursor: Cursor): void {
    const { disk, nowMillis } = this.#ports
    const delivered = listDelivered(disk, paths.directory, cursor.position)
    const expired = chooseExpired(delivered, this.#configuration.limits, nowMillis())
    // The cursor first: a segment must not be gone while the disk says that it is still to be sent.
    if (expired.length > 0) cursor.sync()
    for (const { path } of expired) if (disk.stat(path)) disk.remove(path)
  }
}

function appendLine(disk: Disk, path: string, line: Uint8Array): void {
  const found = disk.stat(path)
  const descriptor = disk.open(path, found ? 'update' : 'create')
  try {
    writeFully(disk, descriptor, Buffer.concat([line, Buffer.from('\n')]), found?.size ?? 0)
    disk.syncData(descriptor)
  } finally {
    closeQuietly(disk, descriptor)
  }
}

/** The log is closed, or its thread blocked: the log is delivered from there once more, later. */
class UnstatedError extends Error {
  readonly code: string = 'UNSTATED'
}
