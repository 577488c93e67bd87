import type { Answer } from './answer.ts'
import { type BackoffLimits, backoffMillis } from './backoff.ts'
import type { Frames } from './joined-frames.ts'
import type { Receiver } from './receiver.ts'

/** What {@link Delivery} needs of the world. */
export interface DeliveryPorts {
  /** Sends records once and judges the reply. */
  readonly send: (frames: Frames) => Promise<Answer>
  /** Waits; a flush ends the wait early. */
  readonly pause: (millis: number) => Promise<void>
  /** From 0 to 1. */
  readonly random: () => number
  /** Reports a record that was refused for good, and keeps it, durably. */
  readonly park: (frame: Buffer, statusCode: number) => void | Promise<void>
  readonly receiver: Receiver
}

interface Refusal {
  readonly frame: Buffer
  readonly statusCode: number
}

interface Verdicts {
  accepted: number
  readonly refused: Refusal[]
  /** How many may be refused alone, with none accepted, before the rest is not tried any more. */
  readonly patience: number
  isHopeless: boolean
}

/** So often a whole batch is tried again after a 500, which may pass, before it is taken apart. */
const TRANSIENT_ATTEMPTS = 2

/** Content Too Large (RFC 9110 §15.5.14). */
const TOO_LARGE = 413

/** After so many requests that were taken, twice as many records at once are tried again. */
const PORTIONS_BEFORE_MORE = 100

/** Records refused alone, in the first round, before the receiver is suspected. */
const MIN_PATIENCE = 8

/** In these rounds more and more records are tried alone: 8, 16, 32, 64. */
const EARLY_ROUNDS = 4

/** Later on 64 are, so often; at pauses of up to a minute that is four times an hour. */
const ROUNDS_BETWEEN_LOOKS = 15

/**
 * How many records are tried alone in a round before the receiver is taken for the one at fault.
 * Good records may stand behind many bad ones, so at times all are tried; but a receiver that
 * refuses everything is asked about once a minute, not flooded.
 */
function patienceOf(round: number): number {
  if (round < EARLY_ROUNDS) return MIN_PATIENCE * 2 ** round
  if (round === 8 || round === 32 || round % 128 === 0) return Infinity
  return round % ROUNDS_BETWEEN_LOOKS === 0 ? MIN_PATIENCE * 2 ** (EARLY_ROUNDS - 1) : 1
}

/**
 * Brings records to one receiver, in order, and never gives up. Refused records are found by
 * halving; one is parked only when the receiver has accepted another meanwhile, because a receiver
 * that refuses everything has a fault of its own.
 */
export class Delivery {
  readonly #ports: DeliveryPorts
  readonly #limits: BackoffLimits
  /** Most records that the receiver takes at once, as far as it has said so by a 413. */
  #portion = Infinity
  #taken = 0

  constructor(ports: DeliveryPorts, limits: BackoffLimits) {
    this.#ports = ports
    this.#limits = limits
  }

  /**
   * Delivers a batch.
   *
   * @param round - How often this batch was refused as a whole already.
   * @param acceptedBefore - How many the receiver had accepted when that happened first; `Infinity`
   *   before it happened.
   * @returns `false` when everything was refused: the caller waits and comes again, best with more.
   */
  async deliver(frames: Frames, round: number, acceptedBefore: number): Promise<boolean> {
    const { receiver } = this.#ports
    const patience = receiver.accepted > acceptedBefore ? Infinity : patienceOf(round)
    const verdicts: Verdicts = { accepted: 0, refused: [], patience, isHopeless: false }
    if (patience === 1) await this.#probe(frames, verdicts)
    else await this.#deliverParts(frames, verdicts)
    const [first] = verdicts.refused
    if (!first) return true
    const hasWitness = verdicts.accepted > 0 || receiver.accepted > acceptedBefore
    if (verdicts.isHopeless || !hasWitness) {
      receiver.block(String(first.statusCode))
      return false
    }
    for (const { frame, statusCode } of verdicts.refused) await this.#ports.park(frame, statusCode)
    return true
  }

  async #deliverParts(frames: Frames, verdicts: Verdicts): Promise<void> {
    const portion = this.#portion
    for (let start = 0; start < frames.length;) {
      const part = frames.slice(start, start + this.#portion)
      start += part.length
      await this.#divide(part, verdicts, part.length === frames.length)
    }
    // One record was too large by itself, not the number of them.
    if (verdicts.refused.some(({ statusCode }) => statusCode === TOO_LARGE)) this.#portion = portion
  }

  /** All of them, and if that is refused the first alone: only if that is taken is there hope. */
  async #probe(frames: Frames, verdicts: Verdicts): Promise<void> {
    const first = frames.slice(0, 1)
    if (frames.length > 1 && (await this.#sendUntilJudged(frames, true)) === undefined) return
    await this.#divide(first, verdicts, true)
    if (!verdicts.isHopeless) await this.#deliverParts(frames.slice(1), verdicts)
  }

  async pauseBeforeAttempt(attempt: number): Promise<void> {
    await this.#ports.pause(backoffMillis(attempt, this.#limits, this.#ports.random()))
  }

  async #divide(frames: Frames, verdicts: Verdicts, isWhole: boolean): Promise<void> {
    if (verdicts.isHopeless) return
    const statusCode = await this.#sendUntilJudged(frames, isWhole)
    if (statusCode === undefined) {
      verdicts.accepted += frames.length
      this.#grow()
      return
    }
    if (statusCode === TOO_LARGE) this.#portion = Math.max(1, Math.floor(frames.length / 2))
    const [frame] = frames
    if (frames.length === 1 && frame) {
      verdicts.refused.push({ frame, statusCode })
      verdicts.isHopeless = verdicts.accepted === 0 && verdicts.refused.length >= verdicts.patience
      return
    }
    const middle = Math.ceil(frames.length / 2)
    await this.#divide(frames.slice(0, middle), verdicts, false)
    await this.#divide(frames.slice(middle), verdicts, false)
  }

  /** A receiver's limit may be raised, and records may become smaller. */
  #grow(): void {
    if (this.#portion === Infinity || ++this.#taken % PORTIONS_BEFORE_MORE !== 0) return
    this.#portion *= 2
  }

  /** Returns the status that these records were refused with, or `undefined` when all were taken. */
  async #sendUntilJudged(frames: Frames, isWhole: boolean): Promise<number | undefined> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.#ports.send(frames)
      if (answer.status === 'delivered') {
        this.#ports.receiver.accept(frames.length)
        return undefined
      }
      if (answer.status === 'refused') {
        const mayPass = answer.transient && isWhole && attempt < TRANSIENT_ATTEMPTS
        if (!mayPass) return answer.statusCode
      } else {
        this.#ports.receiver.block(answer.reason)
      }
      const asked = answer.status === 'retry' ? (answer.afterMillis ?? 0) : 0
      const backoff = backoffMillis(attempt, this.#limits, this.#ports.random())
      await this.#ports.pause(Math.max(asked, backoff))
    }
  }
}
