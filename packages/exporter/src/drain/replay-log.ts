import type { Disk } from '../disk/disk.ts'
import type { Position } from '../journal/cursor.ts'
import { readEnvelope } from '../journal/envelope.ts'
import type { JournalDamage } from '../journal/quarantine.ts'
import type { ExporterLimits } from '../options.ts'
import type { Answer } from '../send/answer.ts'
import { type Body, BodyBuilder } from '../send/batch-body.ts'
import { Delivery } from '../send/delivery.ts'
import { Receiver } from '../send/receiver.ts'
import { recordIdOf } from '../send/record-id.ts'
import { Tail } from '../send/tail.ts'

export interface ReplayLogOptions {
  readonly disk: Disk
  /** Directory of the log. */
  readonly directory: string
  /** Replayed up to here: how far it was delivered. */
  readonly end: Position
  /** Nanoseconds since 1970 UTC; records from the first at or after it on are sent. */
  readonly from: bigint
  /** Identities of these pseudonyms are left out: they were erased. */
  readonly erased: ReadonlySet<string>
  readonly limits: ExporterLimits
  /** Sends one request and judges its answer. */
  readonly send: (body: Body) => Promise<Answer>
  /** Waits before the next attempt; it throws when the receiver is given up. */
  readonly pause: (millis: number) => Promise<void>
  readonly random: () => number
  /** Told after each request that was accepted. */
  readonly onSent: (records: number) => void
}

/** What became of a log. */
export interface ReplayedLog {
  readonly records: number
  /** Identity records that were left out. */
  readonly erased: number
  /** Ids of records that the receiver refused for good. */
  readonly rejected: readonly string[]
  readonly damage: readonly JournalDamage[]
}

const TIME = /^\{"timeUnixNano":"(\d+)"/
const IDENTITY = '"eventName":"tokentrail.identity"'

/**
 * Sends again what a receiver has accepted before: the same bytes under the same ids, in order,
 * from a point in time on, and record 0, without which nothing of the log verifies. The cursor
 * stays as it is, and nothing is written.
 */
export async function replayLog(options: ReplayLogOptions): Promise<ReplayedLog> {
  const { directory, disk, end, limits, onSent } = options
  const damage: JournalDamage[] = []
  const rejected: string[] = []
  const selection = new Selection(options.from, options.erased)
  const delivery = createDelivery(options, rejected)
  const tail = new Tail(disk, directory, undefined, limits, (found) => damage.push(found))
  let records = 0
  try {
    for (let batch = tail.next(end, true); batch; batch = tail.next(end, true)) {
      const frames = [...batch.frames].filter((frame) => selection.takes(frame))
      if (frames.length > 0) await deliverAll(delivery, frames)
      records += frames.length
      onSent(frames.length)
      tail.pass(batch)
    }
  } finally {
    tail.close()
  }
  return { records: records - rejected.length, erased: selection.erased, rejected, damage }
}

async function deliverAll(delivery: Delivery, frames: readonly Buffer[]): Promise<void> {
  for (let round = 0; !(await delivery.deliver(frames, round, Infinity)); round++) {
    await delivery.pauseBeforeAttempt(round)
  }
}

function createDelivery(options: ReplayLogOptions, rejected: string[]): Delivery {
  const { disk, directory, limits, pause, random, send } = options
  const bodies = new BodyBuilder(readEnvelope(disk, directory))
  return new Delivery(
    {
      send: (frames) => send(bodies.build(frames)),
      pause,
      random,
      park: (frame) => void rejected.push(recordIdOf(frame)),
      receiver: new Receiver(() => undefined),
    },
    limits,
  )
}

/** Decides frame by frame what is sent. */
class Selection {
  readonly #from: bigint
  readonly #pseudonyms: ReadonlySet<string>
  #isFirst = true
  #hasBegun = false
  #erased = 0

  constructor(from: bigint, pseudonyms: ReadonlySet<string>) {
    this.#from = from
    this.#pseudonyms = pseudonyms
  }

  get erased(): number {
    return this.#erased
  }

  takes(frame: Buffer): boolean {
    const json = frame.toString('utf8')
    const isFirst = this.#isFirst
    this.#isFirst = false
    this.#hasBegun ||= BigInt(TIME.exec(json)?.[1] ?? 0) >= this.#from
    if (!this.#hasBegun) return isFirst
    if (!json.includes(IDENTITY)) return true
    const pseudonym = recordIdOf(frame).split('.').at(-1) ?? ''
    if (!this.#pseudonyms.has(pseudonym)) return true
    this.#erased++
    return false
  }
}
