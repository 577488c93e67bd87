import type { FindingList } from './finding-list.ts'
import type { LogAnalysis } from './log-analysis.ts'
import type { RecordMembers } from './record-text.ts'
import type { Erasure } from './report.ts'
import { certificateKindFor, ERASED_TYPE } from './statements.ts'

/** Erasures that a report lists. */
const MAX_ERASURES = 10_000

/**
 * Lists the erasures that stand under a signed root. A statement in a log whose certificate is not
 * for it, be it proven or not, was made by a key that may not make it.
 */
export function listErasures(logs: Iterable<LogAnalysis>, findings: FindingList): Erasure[] {
  const erasures: Erasure[] = []
  for (const log of logs) {
    const { evidence, key } = log
    if (key === undefined) continue
    for (const [row, record] of evidence.statements) {
      if (certificateKindFor(record.type) === key.certificate.kind) continue
      const message = `a ${record.type} stands in a log whose certificate is not for it`
      const index = evidence.leaves.indexAt(row)
      findings.add({ verdict: 'UNKNOWN_KEY', log: evidence.origin, index, message })
    }
    if (key.certificate.kind !== 'erasure') continue
    for (const row of log.provenStatements) {
      const record = evidence.statements.get(row)
      if (record?.type !== ERASED_TYPE || erasures.length === MAX_ERASURES) continue
      erasures.push(toErasure(record))
    }
  }
  return erasures
}

function toErasure(record: RecordMembers): Erasure {
  const attributes = record['attributes'] as { readonly [name: string]: unknown } | undefined
  const reason = attributes?.['tokentrail.erasure.reason']
  return {
    log: record.log,
    index: record.index,
    time: record.time,
    reason: typeof reason === 'string' ? reason : '',
    kinds: toTexts(record['kinds']),
    pseudonyms: toTexts(record['pseudonyms']),
  }
}

function toTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
