import type { FindingList } from './finding-list.ts'
import { isCoveredHeadPast, isHeadPast, toNanos, type LogAnalysis } from './log-analysis.ts'
import { readTimestamp } from './log-key.ts'
import type { LogReport } from './report.ts'
import { judgeHead, judgeTail, sealedSize } from './tail.ts'
import type { UnsealedTime } from './unsealed-time.ts'

/** What {@link judgeLog} must know beside the log. */
export interface JudgeOptions {
  /** The export is of one route. */
  readonly isPartial: boolean
  /** Nanoseconds since 1970 UTC: what lies above a signed head past this is not judged. */
  readonly until?: bigint
  /** Absent for a log that closed itself. */
  readonly unsealedTime?: UnsealedTime
}

/** Judges one log as a whole, after its records were matched and successors have spoken. */
export function judgeLog(
  log: LogAnalysis,
  findings: FindingList,
  { isPartial, until, unsealedTime }: JudgeOptions,
): LogReport {
  const { evidence, rebuilt, key } = log
  const { origin, leaves, malformed } = evidence
  if (key === undefined) {
    findings.add({ verdict: 'UNKNOWN_KEY', log: origin, index: 0, message: log.keyProblem ?? '' })
  }
  for (const { row, problem } of malformed) {
    const index = leaves.indexAt(row)
    findings.add({ verdict: 'ALTERED', log: origin, index, message: problem })
  }
  reportForks(log, findings)
  reportUnproven(log, findings)
  const isSealed = key !== undefined && sealedSize(log) !== undefined
  if (isSealed || !isSignedUntil(log, until)) {
    judgeTail(log, findings, isPartial)
    // A registry lasts: without a time to hold it to, it speaks up to its newest head.
    const isOpen = key?.certificate.kind === 'registry' && until === undefined
    if (!isSealed && !isOpen) reportOpenEnd(log, findings)
  } else judgeHead(log, findings)
  const signedAt = rebuilt.head && readTimestamp(rebuilt.head, key)
  return {
    log: origin,
    state: stateOf(log, isSealed),
    ...(isSealed && { sealedBy: log.closedAt === undefined ? log.successor!.origin : 'log.close' }),
    records: log.rows.length,
    signedSize: rebuilt.signedSize,
    ...(signedAt !== undefined && { signedAt }),
    unsealedRecords: isSealed ? 0 : countUnsealed(log),
    ...unsealedTime,
    notRouted: log.notRouted,
    beforeSince: log.beforeSince,
    lost: countLost(log),
    selfIssued: key?.certificate.selfIssued ?? false,
  }
}

function stateOf({ key }: LogAnalysis, isSealed: boolean): LogReport['state'] {
  if (key === undefined) return 'unknown-key'
  return isSealed ? 'sealed' : 'unsealed'
}

/**
 * Has the log a signed head at or past `until`, or did it begin after it? Where records are absent
 * that only an uncovered checkpoint says were of other routes, it takes a covered one: whoever
 * holds the export can write any routes into the other.
 */
function isSignedUntil(log: LogAnalysis, until: bigint | undefined): boolean {
  const { key, pinnedAt, unsignedRoutes } = log
  if (until === undefined || key === undefined) return false
  if (unsignedRoutes > 0) return isCoveredHeadPast(log, until)
  if (isHeadPast(log, until)) return true
  if (pinnedAt !== undefined && toNanos(pinnedAt) >= until) return true
  // The root has signed that the log's key had no life before; the record's own time proves nothing.
  return toNanos(key.certificate.notBefore) > until
}

function reportForks({ evidence, rebuilt, key }: LogAnalysis, findings: FindingList): void {
  for (const { index, otherIndex } of rebuilt.forks) {
    const isProven = key !== undefined
    const message = isProven
      ? `two signed roots, of sizes ${otherIndex} and ${index}, cannot both be of one log`
      : `two roots, of sizes ${otherIndex} and ${index}, cannot both be of one log`
    findings.add({
      verdict: isProven ? 'FORK' : 'ALTERED',
      log: evidence.origin,
      index: Math.min(index, otherIndex),
      message,
    })
  }
}

/** Where a leaf hash is wanting, its missing record is the finding; else something was altered. */
function reportUnproven({ evidence, rebuilt }: LogAnalysis, findings: FindingList): void {
  for (const { checkpoint, gap } of rebuilt.unproven) {
    if (gap !== undefined) continue
    const { index } = checkpoint
    const message = `the leaves at hand do not hash to the root signed at ${index}: one was altered, or the root is of another history`
    findings.add({ verdict: 'ALTERED', log: evidence.origin, index, message })
  }
}

function reportOpenEnd(
  { evidence, rebuilt, key, unsignedRoutes }: LogAnalysis,
  findings: FindingList,
): void {
  const { signedSize, head } = rebuilt
  const routes =
    unsignedRoutes === 0 ? '' : `; the routes of ${unsignedRoutes} records below are not signed yet`
  const timestamp = head && readTimestamp(head, key)
  const since = timestamp === undefined ? '' : `, signed at ${formatTime(timestamp)}`
  const message = `the log has no end: it is proven up to its signed size ${signedSize}${since}${routes}`
  findings.add({ verdict: 'UNSEALED_END', log: evidence.origin, index: signedSize, message })
}

/** POSIX seconds for people; a signature may name any. */
export function formatTime(seconds: number): string {
  const date = new Date(seconds * 1_000)
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString()
}

function countLost({ lost }: LogAnalysis): number {
  const counted = lost.filter(({ isOverruled }) => !isOverruled)
  return counted.reduce((sum, { first, last }) => sum + last - first + 1, 0)
}

function countUnsealed({ evidence, rebuilt, rows }: LogAnalysis): number {
  let count = 0
  for (const row of rows) {
    if (evidence.leaves.indexAt(row) >= rebuilt.signedSize && row !== rebuilt.head?.row) count++
  }
  return count
}
