import { gunzipSync } from 'node:zlib'
import {
  type Disk,
  type Durability,
  ExporterError,
  type RecordLog,
  type RecorderKeys,
  checkLog,
  inspectJournal,
  loadOrCreateKeys,
  openLog,
} from '@tokentrail/exporter'
import { verifyLogs } from '@tokentrail/ledger'
import { DeliveryWorker } from '../../../packages/exporter/src/send/delivery-worker.ts'
import type { Reply } from '../../../packages/exporter/src/send/answer.ts'
import {
  type ManualTime,
  createManualTime,
} from '../../../packages/exporter/test/support/manual-time.ts'
import { type ArrivedRecord, Arrivals } from './arrivals.ts'
import { describeLog } from './inspect.ts'
import { parseRecords } from './receiver.ts'
import { faultSettings } from './settings.ts'
import { Crashed, SimDisk } from './sim-disk.ts'
import { listSignedLosses, listToldLosses } from './told-losses.ts'

const DIRECTORY = '/data'
const SEGMENT_BYTES = 8_192
const RESERVE_BYTES = 4_096
const NO_REPLY: Reply = { failure: 'ECONNREFUSED' }
const TAKEN: Reply = { statusCode: 200, body: '{}' }

/** Decides what a request that brings so many records is answered. */
export type Network = (records: number) => Reply

export const ACCEPTING: Network = () => TAKEN
export const UNREACHABLE: Network = () => NO_REPLY

/**
 * One machine in memory: a disk, a clock, a network and a receiver behind it, and one process after
 * the other that records. Nothing in it waits for real time.
 */
export class SimWorld {
  readonly disk: SimDisk
  readonly arrivals: Arrivals = new Arrivals()
  /** Everything that the receiver has accepted. */
  readonly accepted: ArrivedRecord[] = []
  readonly processes: SimProcess[] = []
  network: Network = ACCEPTING
  elapsedMillis = 0
  readonly keys: RecorderKeys
  readonly #root: { readonly kty: string }
  readonly #locks: Map<string, SimProcess> = new Map()

  constructor({ keys, root }: SimKeys, disk: SimDisk = new SimDisk()) {
    this.keys = keys
    this.#root = root
    this.disk = disk
  }

  /** Another world with a copy of this one's disk, in which the same has been accepted so far. */
  copy(keys: SimKeys): SimWorld {
    const copy = new SimWorld(keys, this.disk.copy())
    copy.elapsedMillis = this.elapsedMillis
    copy.accept(this.accepted)
    for (const process of this.processes) copy.processes.push(process)
    return copy
  }

  accept(records: readonly ArrivedRecord[]): void {
    this.arrivals.take(records)
    this.accepted.push(...records)
  }

  start(durability: Durability = 'process'): SimProcess {
    const process = new SimProcess(this, durability)
    this.processes.push(process)
    process.open()
    return process
  }

  /** Answers a request of a process. */
  reply(body: Uint8Array): Reply {
    const records = parseRecords(gunzipSync(body).toString())
    const reply = this.network(records.length)
    if ('statusCode' in reply && reply.statusCode === 200 && !reply.body.includes('rejected')) {
      this.accept(records)
    }
    return reply
  }

  /** The lock of the operating system: it dies with its process. */
  takeLock(path: string, owner: SimProcess): { release(): void } | undefined {
    const holder = this.#locks.get(path)
    if (holder?.isAlive === true) return undefined
    const { disk } = owner
    if (!disk.stat(path)) disk.close(disk.open(path, 'create'))
    this.#locks.set(path, owner)
    return {
      release: () => {
        if (this.#locks.get(path) === owner) this.#locks.delete(path)
      },
    }
  }

  /**
   * Lets the next process adopt and deliver what is there, then inspects everything: nothing
   * promised is absent, the order was kept, `fsck` and `verify` find nothing but what signed
   * records say is lost.
   */
  async inspect(): Promise<string[]> {
    this.network = ACCEPTING
    const last = this.start()
    // What is found in a dead log while it is delivered has to go into a living one.
    for (let turn = 0; turn < 12; turn++) await last.turn()
    const isDone = await last.finish()
    // A process may go on in another log; each record has a number of its own.
    const numbers = new Set([...this.arrivals.logs.values()].flatMap((log) => [...log.numbers]))
    const promised = this.processes.flatMap(({ acknowledged }) => {
      const absent = [...acknowledged].filter((number) => !numbers.has(number))
      return absent.length === 0 ? [] : [`acknowledged and absent: ${absent.join(', ')}`]
    })
    const takeLock = (path: string): { release(): void } | undefined => this.takeLock(path, last)
    const checks = inspectJournal(DIRECTORY, { disk: this.disk, takeLock }).flatMap((log) => [
      ...describeLog(log, checkLog(log.directory, this.disk)),
    ])
    const report = await verifyLogs(
      this.accepted.map(({ text }) => ({ body: text })),
      { roots: [this.#root] },
    )
    const isSigned = listSignedLosses(report)
    // Where a checkpoint is lost with records that it covered, and none behind it leads across, what
    // stands before is under no root, statements of losses too: its end stays open.
    const isCut = report.findings.some(
      ({ verdict, log, index = -1 }) =>
        verdict === 'MISSING_CHECKPOINT' && isSigned(log, index, index),
    )
    const isLost = isCut ? listToldLosses(this.accepted.map(({ text }) => text)) : isSigned
    const findings = report.findings
      .filter(({ verdict, log, index = -1, lastIndex = index }) => {
        if (verdict === 'UNSEALED_END') return !isCut
        // What the log has signed is missing, and somebody has signed that it is.
        return !verdict.startsWith('MISSING') || !isLost(log, index, lastIndex)
      })
      .map(({ verdict, log, index, message }) => `verify: ${verdict} ${log} ${index} ${message}`)
    return [
      ...(isDone ? [] : ['the backlog was not delivered']),
      ...promised,
      ...this.arrivals.problemsBut(isLost),
      ...checks,
      ...findings,
    ]
  }
}

/** Keys that several worlds share: they cost more to make than a world to run. */
export interface SimKeys {
  readonly keys: RecorderKeys
  readonly root: { readonly kty: string }
}

export function createSimKeys(): SimKeys {
  const disk = new SimDisk()
  disk.makeDirectory(`${DIRECTORY}/keys`)
  const settings = faultSettings({ directory: DIRECTORY })
  const keys = loadOrCreateKeys(settings, disk)
  const descriptor = disk.open(settings.rootKeyFile, 'read')
  const bytes = Buffer.alloc(4_096)
  const length = disk.read(descriptor, bytes, 0, bytes.length, 0)
  return { keys, root: JSON.parse(bytes.toString('utf8', 0, length)) as { kty: string } }
}

/** One process that records, in a {@link SimWorld}. */
export class SimProcess {
  /** Numbers of the records that it was promised. */
  readonly acknowledged: Set<number> = new Set()
  readonly disk: Disk
  readonly time: ManualTime = createManualTime()
  origin = ''
  isAlive = true
  /** Why it could open no log. */
  unusable: string | undefined
  /** What no process may ever do. */
  readonly problems: string[] = []
  readonly health: string[] = []
  readonly #world: SimWorld
  readonly #durability: Durability
  #log: RecordLog | undefined

  constructor(world: SimWorld, durability: Durability) {
    this.#world = world
    this.#durability = durability
    this.disk = createProcessDisk(world.disk, this)
    this.time.setClock(world.elapsedMillis)
  }

  get lost(): number {
    return this.#log?.state().lost ?? 0
  }

  open(): void {
    const settings = faultSettings({
      directory: DIRECTORY,
      durability: this.#durability,
      segmentBytes: SEGMENT_BYTES,
      failurePolicy: this.#durability === 'disk' ? 'fail-closed' : 'drop-and-record',
    })
    const limits = { ...settings.limits, reserveBytes: RESERVE_BYTES }
    const { clock, monotonicMillis, scheduler } = this.time
    try {
      this.#log = openLog({
        settings: { ...settings, limits },
        keys: this.#world.keys,
        recorderVersion: '0.1.0',
        onHealth: ({ kind }) => this.health.push(kind),
        clock,
        monotonicMillis,
        scheduler,
        disk: this.disk,
        takeLock: (path) => this.#world.takeLock(path, this),
        startDelivery: (configuration, events) => {
          const worker = new DeliveryWorker(configuration, {
            disk: this.disk,
            nowMillis: () => Number(clock.unixNanos() / 1_000_000n),
            random: () => 1,
            scheduler,
            createTransport: () => ({
              send: (body) => this.#send(body),
              close: () => undefined,
            }),
            report: events.report,
          })
          return { post: (request) => worker.handle(request), stop: () => Promise.resolve() }
        },
      })
      this.origin = this.#log.origin
    } catch (error) {
      if (error instanceof ExporterError) this.unusable = error.code
      else if (!this.#isDown) this.problems.push(`opening threw ${String(error)}`)
    }
  }

  /** Appends one record, and notes it as promised when it is. */
  append(number: number): void {
    const log = this.#log
    if (!log || this.#isDown) return
    const before = log.state().lost
    log.append(
      {
        type: 'oauth.request',
        time: this.time.clock.unixNanos().toString(),
        attributes: { 'http.request.method': 'GET', 'http.route': `/${number}` },
      },
      number % 5 === 0
        ? [{ kind: 'address', issuer: '', pseudonym: `p${number}`, value: `10.0.0.${number}` }]
        : [],
    )
    if (log.state().lost !== before || this.#isDown) return
    const settled = log.settled()
    if (this.#isDown) return
    if (settled === undefined) this.acknowledged.add(number)
    else {
      void settled.then(() => {
        // A wait that ended by its limit is no promise: it was told, and nothing new is admitted.
        if (!this.#isDown && log.admits()) this.acknowledged.add(number)
      })
    }
  }

  /** Lets time pass, flushes end, and whatever hangs on promises go on. */
  async turn(millis = 20): Promise<void> {
    if (this.#isDown) return
    this.#world.elapsedMillis += millis
    this.#world.disk.turn()
    this.time.advance(millis)
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Seals the log and delivers everything. Returns whether that came to an end. */
  async finish(turns = 400): Promise<boolean> {
    const log = this.#log
    if (!log) return false
    log.close('test')
    for (let turn = 0; turn < turns && !this.#isDown; turn++) {
      if (log.state().undeliveredBytes === 0) break
      // Longer and longer: a fault may have it wait for a minute.
      await this.turn(20 + turn * 10)
    }
    if (this.#isDown) return false
    await this.turn()
    const isDone = log.state().undeliveredBytes === 0
    await log.shutdown(0)
    return isDone
  }

  /** It is killed: nothing of it runs any more. */
  kill(): void {
    this.isAlive = false
    this.#world.disk.crash()
  }

  get #isDown(): boolean {
    return !this.isAlive || this.#world.disk.isDown
  }

  async #send(body: Uint8Array): Promise<Reply> {
    // The dead send nothing.
    if (this.#isDown) return new Promise(() => undefined)
    return Promise.resolve(this.#world.reply(body))
  }
}

/** The disk as one process sees it: it can do nothing there once it is dead. */
function createProcessDisk(disk: SimDisk, process: SimProcess): Disk {
  return new Proxy(disk, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function') return member
      return (...parameters: unknown[]): unknown => {
        if (!process.isAlive) throw new Crashed('the process is dead')
        return Reflect.apply(member, target, parameters) as unknown
      }
    },
  })
}
