import { formatBase64, parseNote, type PolicyWitness, type TlogPolicy } from '@tokentrail/ledger'
import type { RegistryAlarms } from '../registry-alarms.ts'
import type { RegistryHead, RegistryLog } from '../registry-log.ts'
import { requestTimestamp } from './timestamp-client.ts'
import { requestCosignature } from './witness-client.ts'

/** Options of {@link Anchoring}. */
export interface AnchoringOptions {
  readonly log: RegistryLog
  /** Where it is kept that a witness refuses the registry. */
  readonly alarms: RegistryAlarms
  /** Witnesses to ask, each with a URL. */
  readonly policy: TlogPolicy | undefined
  /** RFC 3161 authorities, asked one after the other until one answers. */
  readonly timestampUrls: readonly string[]
  readonly fetch: typeof fetch
  /** Nanoseconds since 1970 UTC. */
  readonly now: () => bigint
  /** Told in one sentence what an operator must know. */
  readonly onFault: (message: string) => void
  /** Least time between two rounds of witnesses, in milliseconds. */
  readonly witnessMillis: number
  /** Time between two time-stamps, in milliseconds. */
  readonly timestampMillis: number
}

const REQUEST_MILLIS = 20_000
const TIME_STAMP = 'timestamp'
/** How long an unchanged registry goes without a new cosignature. */
const IDLE_MILLIS = 3_600_000

/**
 * Has the registry's heads cosigned by witnesses and time-stamped by authorities, and appends what
 * they answer. One round runs at a time; what fails is tried again with the next.
 */
export class Anchoring {
  readonly #options: AnchoringOptions
  readonly #told = new Set<string>()
  #running: Promise<void> | undefined
  #isClosed = false

  constructor(options: AnchoringOptions) {
    this.#options = options
  }

  /** Asks whoever is due for the newest head. */
  run(): Promise<void> {
    this.#running ??= this.#round().finally(() => (this.#running = undefined))
    return this.#running
  }

  /** Ends after the round that is running. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#running
  }

  async #round(): Promise<void> {
    const { log, policy, timestampUrls } = this.#options
    const { head } = log
    if (head === undefined) return
    for (const witness of policy?.witnesses ?? []) {
      if (this.#isClosed) return
      if (witness.url !== undefined) await this.#askWitness(witness, head)
    }
    if (timestampUrls.length > 0 && !this.#isClosed) await this.#askAuthorities(head)
  }

  async #askWitness(witness: PolicyWitness, head: RegistryHead): Promise<void> {
    const { log, fetch, witnessMillis } = this.#options
    const name = witness.key.name
    const held = this.#held(name)
    if (!this.#isDue(held, head, witnessMillis)) return
    const answer = await requestCosignature(
      witness,
      {
        size: head.size,
        note: head.note,
        proofFrom: (size) => log.consistencyProof(size, head.size),
      },
      held?.size ?? 0,
      { fetch, timeoutMillis: REQUEST_MILLIS },
    )
    if (answer.status === 'cosigned') {
      this.#keep(name, head, answer.seconds, { type: 'tokentrail.log.witness', note: answer.note })
      this.#told.delete(name)
      this.#options.alarms.settleRefusal(name)
      return
    }
    const isFork = answer.status === 'conflict'
    if (isFork) this.#raise(name, answer.message)
    this.#tell(name, `${isFork ? 'FORK: the witness' : 'the witness'} ${name}: ${answer.message}`)
  }

  #raise(witness: string, reason: string): void {
    const { alarms, now } = this.#options
    const message = `the witness ${witness} refuses the registry: ${reason}`
    const time = now().toString()
    alarms.raiseRefusal(witness, { kind: 'witness', subject: witness, message, time })
  }

  async #askAuthorities(head: RegistryHead): Promise<void> {
    const { timestampUrls, fetch, timestampMillis } = this.#options
    if (!this.#isDue(this.#held(TIME_STAMP), head, timestampMillis)) return
    const problems: string[] = []
    for (const url of timestampUrls) {
      const { text } = parseNote(head.note)
      const answer = await requestTimestamp(url, text, { fetch, timeoutMillis: REQUEST_MILLIS })
      if (answer.status === 'stamped') {
        const seconds = Math.floor(answer.timeMillis / 1000)
        this.#keep(TIME_STAMP, head, seconds, {
          type: 'tokentrail.log.timestamp',
          note: head.note,
          timestamp: formatBase64(answer.response),
        })
        this.#told.delete(TIME_STAMP)
        return
      }
      problems.push(`${new URL(url).host}: ${answer.message}`)
    }
    this.#tell(TIME_STAMP, `no time-stamp: ${problems.join('; ')}`)
  }

  /** What was said of other logs is due soon; a head without any such after an hour. */
  #isDue(held: Held | undefined, head: RegistryHead, everyMillis: number): boolean {
    if (held === undefined) return true
    const passed = Number(this.#options.now() / 1_000_000n) - held.seconds * 1000
    if (passed < everyMillis) return false
    const isNew = held.size < this.#options.log.changedSize && head.size > held.size
    return isNew || passed >= IDLE_MILLIS
  }

  #held(witness: string): Held | undefined {
    const select = 'SELECT size, seconds FROM witnessed WHERE witness = ?'
    const row = this.#options.log.database.prepare(select).get(witness)
    return row && { size: Number(row['size']), seconds: Number(row['seconds']) }
  }

  #keep(
    witness: string,
    head: RegistryHead,
    seconds: number,
    members: { readonly type: string; readonly note: string; readonly timestamp?: string },
  ): void {
    const { log } = this.#options
    log.transact((append) => {
      append({ ...members })
      log.database
        .prepare('INSERT OR REPLACE INTO witnessed VALUES (?, ?, ?)')
        .run(witness, head.size, seconds)
    })
  }

  /** Once until it goes well again: every round would say the same. */
  #tell(key: string, message: string): void {
    if (this.#told.has(key)) return
    this.#told.add(key)
    this.#options.onFault(message)
  }
}

interface Held {
  readonly size: number
  readonly seconds: number
}
