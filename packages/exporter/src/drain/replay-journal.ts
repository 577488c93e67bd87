import { setTimeout as sleep } from 'node:timers/promises'
import { nodeDisk } from '../disk/node-disk.ts'
import { readJournalLog } from '../erase/journal-logs.ts'
import { ExporterError } from '../errors.ts'
import type { ExporterSettings } from '../options.ts'
import { judgeReply } from '../send/answer.ts'
import { BodySender } from '../send/body-sender.ts'
import { createHttpTransport } from '../send/http-transport.ts'
import { erasedPseudonyms } from './erased-pseudonyms.ts'
import type { JournalLogState } from './inspect-journal.ts'
import { type ReplayedLog, replayLog } from './replay-log.ts'

export interface ReplayJournalOptions {
  /** Logs of the journal; of each what was delivered is replayed. */
  readonly logs: readonly JournalLogState[]
  /** Where to, and in what portions. */
  readonly settings: ExporterSettings
  /** Nanoseconds since 1970 UTC. */
  readonly from: bigint
  /** Pseudonyms whose identities are left out, besides those that the journal itself names. */
  readonly erased: ReadonlySet<string>
  readonly userAgent: string
  /** How long the receiver may accept nothing, in milliseconds. */
  readonly patienceMillis: number
  readonly onProgress?: (records: number) => void
}

/**
 * Sends again what was delivered from a journal, for a receiver that has lost it. Identities that a
 * `subject.erased` of the journal names are left out.
 *
 * @throws {ExporterError} `ERR_EXPORTER_DELIVERY_FAILED` when the receiver accepts nothing for too
 *   long; what was sent before may come again.
 */
export async function replayJournal(options: ReplayJournalOptions): Promise<ReplayedLog> {
  const { settings, userAgent, logs, onProgress } = options
  const { destination, limits } = settings
  const transport = createHttpTransport(destination, userAgent)
  const sender = new BodySender(transport, destination.compression, () => undefined)
  const erased = new Set([...options.erased, ...findErased(logs)])
  const patience = new Patience(options.patienceMillis)
  let total = 0
  const replayed: ReplayedLog[] = []
  try {
    for (const { directory, delivered } of logs) {
      if (!delivered) continue
      const result = await replayLog({
        disk: nodeDisk,
        directory,
        end: delivered,
        from: options.from,
        erased,
        limits,
        send: async (body) => {
          const answer = judgeReply(await sender.send(body), Date.now())
          patience.heard(answer.status === 'delivered', 'reason' in answer ? answer.reason : '')
          return answer
        },
        pause: (millis) => patience.pause(millis),
        random: () => Math.random(),
        onSent: (records) => onProgress?.((total += records)),
      })
      replayed.push(result)
    }
  } finally {
    transport.close()
  }
  return {
    records: replayed.reduce((sum, { records }) => sum + records, 0),
    erased: replayed.reduce((sum, log) => sum + log.erased, 0),
    rejected: replayed.flatMap(({ rejected }) => rejected),
    damage: replayed.flatMap(({ damage }) => damage),
  }
}

/** The journal knows of erasures that its logs were told of. */
function findErased(logs: readonly JournalLogState[]): string[] {
  const found: string[] = []
  for (const { directory } of logs) {
    for (const { text } of readJournalLog(directory)) found.push(...erasedPseudonyms(text))
  }
  return found
}

class Patience {
  readonly #millis: number
  #since: number = performance.now()
  #reason = 'no answer'

  constructor(millis: number) {
    this.#millis = millis
  }

  heard(isGood: boolean, reason: string): void {
    if (isGood) this.#since = performance.now()
    else if (reason !== '') this.#reason = reason
  }

  async pause(millis: number): Promise<void> {
    const rest = this.#millis - (performance.now() - this.#since)
    if (rest <= 0) {
      const message = `The receiver accepts nothing (${this.#reason}).`
      throw new ExporterError('ERR_EXPORTER_DELIVERY_FAILED', message)
    }
    await sleep(Math.min(millis, rest))
  }
}
