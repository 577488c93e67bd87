import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type JournalLogState,
  type LogCheck,
  checkLog,
  inspectJournal,
  loadOrCreateKeys,
  openLog,
  readExport,
} from '@tokentrail/exporter'
import { verifyLogs } from '@tokentrail/ledger'
import type { Arrivals } from './arrivals.ts'
import type { ScriptedReceiver } from './receiver.ts'
import { faultSettings } from './settings.ts'
import { until } from './until.ts'

/** What a writer of the past was promised. */
export interface Promised {
  readonly origin: string
  readonly acknowledged: ReadonlySet<number>
}

/** Longest wait for the delivery of a whole backlog. */
const DELIVERY_MILLIS = 120_000

/**
 * Starts the next process of the slot, so to speak: a log that adopts what the dead ones left. It
 * waits until all of it was delivered, and seals itself.
 *
 * @returns What was in the way.
 */
export async function adoptAndDeliver(
  directory: string,
  receiver: ScriptedReceiver,
): Promise<string[]> {
  const problems: string[] = []
  const settings = faultSettings({ directory, endpoint: receiver.url })
  const log = openLog({
    settings,
    keys: loadOrCreateKeys(settings),
    recorderVersion: '0.1.0',
    onHealth: ({ kind, message }) => {
      if (kind !== 'delivery-blocked' && kind !== 'delivery-restored') problems.push(message)
    },
  })
  log.close('test')
  const isEmpty = (): boolean => log.state().undeliveredBytes === 0
  await until('the backlog is delivered', isEmpty, DELIVERY_MILLIS).catch((error: unknown) =>
    problems.push(String(error)),
  )
  await log.shutdown(5_000)
  return problems
}

/** Recomputes every log of a folder from its frames (`fsck`); names what does not hold. */
export function fsckAll(directory: string): string[] {
  return inspectJournal(directory).flatMap((log) => describeLog(log, checkLog(log.directory)))
}

/** What of a log's check is not as it should be. A log that never had a record has no end. */
export function describeLog(
  { directory, isSettled }: JournalLogState,
  { damage, missing, records }: LogCheck,
): string[] {
  const found = damage.map(
    ({ segment, offset, length }) => `${length} bytes at ${offset} of ${segment} are no frame`,
  )
  if (missing.length > 0) found.push(`records ${missing.join(', ')} are missing`)
  if (!isSettled && records > 0) found.push('nobody has spoken for its end')
  return found.map((problem) => `fsck: ${directory}: ${problem}`)
}

/** Names every promised record that did not arrive, up to a few. */
export function findUndelivered(arrivals: Arrivals, promised: readonly Promised[]): string[] {
  return promised.flatMap(({ origin, acknowledged }) => {
    const { numbers } = arrivals.logOf(origin)
    const absent = [...acknowledged].filter((number) => !numbers.has(number))
    if (absent.length === 0) return []
    return [`${origin}: ${absent.length} acknowledged records absent, first ${absent[0]}`]
  })
}

/** A public key, as `keys/root.jwk.json` holds it. */
export interface RootKey {
  readonly kty: string
}

export function readRootKey(directory: string): RootKey {
  return JSON.parse(readFileSync(join(directory, 'keys', 'root.jwk.json'), 'utf8')) as RootKey
}

/**
 * Verifies what a receiver has written to a file as a stranger would, with the root key alone.
 *
 * @param earlier - Root keys that a folder had before it was lost.
 */
export async function verifyFile(
  directory: string,
  file: string,
  earlier: readonly RootKey[] = [],
): Promise<string[]> {
  const roots = [readRootKey(directory), ...earlier]
  const report = await verifyLogs(readExport([file]), { roots })
  const findings = report.findings.map((finding) => `verify: ${JSON.stringify(finding)}`)
  return report.verdict === 'VALID_SEALED' ? findings : [`verdict: ${report.verdict}`, ...findings]
}

/** After everything was delivered: nothing promised is absent, order kept, fsck and verify clean. */
export async function inspectAll(
  directory: string,
  receiver: ScriptedReceiver,
  file: string,
  promised: readonly Promised[],
): Promise<string[]> {
  const { arrivals } = receiver
  return [
    ...(await adoptAndDeliver(directory, receiver)),
    ...arrivals.problems,
    ...findUndelivered(arrivals, promised),
    ...fsckAll(directory),
    ...(await verifyFile(directory, file)),
  ]
}
