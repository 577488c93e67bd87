import type { FindingList } from './finding-list.ts'
import type { LogAnalysis } from './log-analysis.ts'

/** Longest time between two checkpoints of a log that lives, with some patience, in seconds. */
const MAX_SILENCE_SECONDS = 75

const NANOS_PER_SECOND = 1_000_000_000n

/**
 * Finds where a log begins in an export of what came since a time: at its first record at hand, for
 * a log that had begun before. A log that lives makes a checkpoint at least once a minute, so one
 * that is silent for longer has had its beginning removed, and that is a finding.
 *
 * @param since - Nanoseconds since 1970 UTC.
 * @returns The first index that the export must have.
 */
export function findSliceStart(log: LogAnalysis, since: bigint, findings: FindingList): number {
  const { evidence, rows, key } = log
  const { leaves, origin } = evidence
  if (key === undefined || BigInt(key.certificate.notBefore) * NANOS_PER_SECOND >= since) return 0
  const first = rows.find((row) => leaves.indexAt(row) > 0)
  if (first === undefined) return 0
  const index = leaves.indexAt(first)
  if (index === 1 && leaves.hasIndex(0)) return 0
  const seconds = leaves.secondsAt(first) - Number(since / NANOS_PER_SECOND)
  if (seconds > MAX_SILENCE_SECONDS) {
    const message = `records before it are missing: it is ${seconds} s after the beginning that was asked for, and a log makes a checkpoint every minute`
    findings.add({ verdict: 'MISSING', log: origin, index: index - 1, message })
  }
  return index
}
