import { setTimeout as sleep } from 'node:timers/promises'
import type { HealthEvent } from '../health.ts'
import type { RecorderKeys } from '../keys/key-files.ts'
import { openLog } from '../open-log.ts'
import type { ExporterSettings } from '../options.ts'
import type { RecordLog, RecordLogState } from '../record-log.ts'

export interface DrainSlotOptions {
  /** Those of the slot: its folder, slot and service name. */
  readonly settings: ExporterSettings
  readonly keys: RecorderKeys
  readonly recorderVersion: string
  /** How long the receiver may accept nothing before it is left for another time, in milliseconds. */
  readonly patienceMillis: number
  /** Told now and then how many bytes are still to be delivered. */
  readonly onProgress?: (undeliveredBytes: number) => void
}

/** What became of a slot. */
export interface DrainedSlot {
  readonly isDelivered: boolean
  /** Records and identity records that the receiver has accepted. */
  readonly records: number
  readonly undeliveredBytes: number
  /** Why the receiver does not accept, when it does not. */
  readonly blocked?: string
  /** What could not be adopted, and what was refused or damaged; one sentence each. */
  readonly problems: readonly string[]
}

const POLL_MILLIS = 50
const PROBLEMS: ReadonlySet<string> = new Set([
  'adoption-failed',
  'delivery-failed',
  'journal-damaged',
  'journal-failed',
  'record-lost',
  'record-rejected',
])

/**
 * Delivers what dead processes of one slot left, as the next process of that slot would: in a log
 * of its own it says how theirs ended, then seals itself. Living processes keep theirs. Nothing is
 * removed.
 *
 * @throws {ExporterError} `ERR_EXPORTER_DIRECTORY_UNUSABLE`
 */
export async function drainSlot(options: DrainSlotOptions): Promise<DrainedSlot> {
  const { settings, keys, recorderVersion, patienceMillis, onProgress } = options
  const problems: string[] = []
  const onHealth = ({ kind, message }: HealthEvent) => {
    if (PROBLEMS.has(kind)) problems.push(message)
  }
  const limits = { ...settings.limits, retainMillis: Infinity, retainBytes: Infinity }
  const log = openLog({ settings: { ...settings, limits }, keys, recorderVersion, onHealth })
  let state: RecordLogState
  try {
    // What is refused or damaged is said in this log, so it ends behind everything else.
    const isDrained = await waitDelivered(log, patienceMillis, onProgress)
    log.close('drain')
    if (isDrained) await waitDelivered(log, patienceMillis, onProgress)
    state = log.state()
  } finally {
    await log.shutdown(0)
  }
  const { undeliveredBytes, deliveredRecords, blocked } = state
  return {
    isDelivered: undeliveredBytes === 0,
    records: deliveredRecords,
    undeliveredBytes,
    ...(blocked === undefined ? {} : { blocked }),
    problems,
  }
}

/** Waits until nothing is left, or nothing was accepted for too long. Returns whether it is. */
async function waitDelivered(
  log: RecordLog,
  patienceMillis: number,
  onProgress: (undeliveredBytes: number) => void = () => undefined,
): Promise<boolean> {
  let before = Infinity
  let since = performance.now()
  for (;;) {
    const { undeliveredBytes } = log.state()
    onProgress(undeliveredBytes)
    if (undeliveredBytes === 0) return true
    if (undeliveredBytes < before) since = performance.now()
    else if (performance.now() - since > patienceMillis) return false
    before = Math.min(before, undeliveredBytes)
    await sleep(POLL_MILLIS)
  }
}
