import type { LogAnalysis } from './log-analysis.ts'
import type { RecordMembers } from './record-text.ts'
import type { Loss } from './report.ts'
import { LOSS_TYPE } from './statements.ts'

/** Losses that a report lists. */
const MAX_LOSSES = 10_000

/** What the logs themselves say of records that are lost, as far as it stands under a signed root. */
export function listLosses(logs: Iterable<LogAnalysis>): Loss[] {
  const losses: Loss[] = []
  for (const log of logs) {
    for (const loss of lossesOf(log)) if (losses.length < MAX_LOSSES) losses.push(loss)
  }
  return losses
}

/** Said once for all of them. */
export function describeLosses(losses: readonly Loss[]): string[] {
  if (losses.length === 0) return []
  return [
    `Records were lost, as ${losses.length} signed statements say: they are listed, and nothing proves what was in them.`,
  ]
}

function* lossesOf({ evidence, lost, provenLosses, key }: LogAnalysis): Generator<Loss> {
  if (key === undefined) return
  const { origin } = evidence
  for (const { first, last, by, at, isOverruled } of lost) {
    if (isOverruled) continue
    yield { kind: 'unreadable', log: origin, by, at, index: first, lastIndex: last }
  }
  for (const row of provenLosses) {
    const record = evidence.losses.get(row)
    if (record !== undefined) yield record.type === LOSS_TYPE ? toLoss(record) : toDamage(record)
  }
}

function toLoss({ log, index, ...record }: RecordMembers): Loss {
  const attributes = record['attributes'] as { readonly [name: string]: unknown } | undefined
  const { count, reason, from, to } = {
    count: attributes?.['tokentrail.loss.count'],
    reason: attributes?.['tokentrail.loss.reason'],
    from: attributes?.['tokentrail.loss.from'],
    to: attributes?.['tokentrail.loss.to'],
  }
  return {
    kind: 'unrecorded',
    log,
    by: log,
    at: index,
    ...(typeof count === 'number' && { count }),
    ...(typeof reason === 'string' && { reason }),
    ...(typeof from === 'string' && { from }),
    ...(typeof to === 'string' && { to }),
  }
}

/** The damaged log is of the same service and slot, and is named by its uuid. */
function toDamage({ log, index, ...record }: RecordMembers): Loss {
  const { segment, offset, bytes, firstIndex, lastIndex } = record
  const [uuid = '', file = ''] = typeof segment === 'string' ? segment.split('/') : []
  return {
    kind: 'damaged',
    log: `${log.slice(0, log.lastIndexOf('/') + 1)}${uuid}`,
    by: log,
    at: index,
    ...(isIndex(firstIndex) && { index: firstIndex }),
    ...(isIndex(lastIndex) && { lastIndex }),
    segment: file,
    ...(isIndex(offset) && { offset }),
    ...(isIndex(bytes) && { bytes }),
  }
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
