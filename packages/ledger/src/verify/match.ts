import { isLostLeaf } from '../lost-leaves.ts'
import type { FindingList } from './finding-list.ts'
import { LeafClaims, type LeafPlace } from './leaf-claims.ts'
import { ProvenCursor, RouteCursor, type LogAnalysis } from './log-analysis.ts'
import { readTimestamp } from './log-key.ts'
import { isOnRoute } from './route-survey.ts'
import { RunCollector } from './run-collector.ts'
import type { FindingVerdict } from './verdict.ts'

/**
 * Compares every record below a log's signed size with its leaf, and notes what the proven ones say
 * about the log's end and about other logs.
 *
 * @param route - Leaves of other routes may lack their record.
 */
export function matchRecords(log: LogAnalysis, findings: FindingList, route?: string): void {
  new Matcher(log, findings, route).run(0)
}

/**
 * The same for leaves from an index on that a successor has brought under its root. Those that it
 * says are lost have no record, and no finding.
 */
export function matchTail(
  log: LogAnalysis,
  findings: FindingList,
  from: number,
  route?: string,
): void {
  new Matcher(log, findings, route, true).run(from)
}

class Matcher {
  readonly #log: LogAnalysis
  readonly #findings: FindingList
  readonly #route: string | undefined
  readonly #claims: LeafClaims
  readonly #proven: ProvenCursor
  readonly #routes: RouteCursor
  readonly #missing: RunCollector
  readonly #checkpointIndexes: ReadonlySet<number>
  /** The leaves are a successor's: only among these may one be lost. */
  readonly #isCarried: boolean

  constructor(
    log: LogAnalysis,
    findings: FindingList,
    route: string | undefined,
    isCarried = false,
  ) {
    this.#isCarried = isCarried
    this.#log = log
    this.#findings = findings
    this.#route = route
    this.#claims = new LeafClaims(log.evidence.leaves, log.rows, log.checkpoints)
    this.#proven = new ProvenCursor(log.rebuilt.proven)
    this.#routes = new RouteCursor(log)
    const message = 'a leaf under a signed root has no record in the export'
    this.#missing = new RunCollector(findings, log.evidence.origin, 'MISSING', message)
    this.#checkpointIndexes = new Set(log.checkpoints.map(({ from }) => from))
  }

  run(from: number): void {
    const { provenSize } = this.#log
    // By claims, not by counting: a signed size may be as large as an attacker likes.
    for (let index = from; index < provenSize; index++) {
      const next = Math.min(this.#nextClaimed(index), provenSize)
      if (next > index) this.#matchUnclaimed(index, next)
      index = next
      if (index < provenSize) this.#matchLeaf(index)
    }
    this.#missing.flush()
  }

  /** A leaf that a successor carries may be claimed by nothing else. */
  #nextClaimed(index: number): number {
    const isCarried = this.#log.tails.length > 0 && this.#proven.at(index) !== undefined
    return isCarried ? index : this.#claims.nextClaimed(index)
  }

  #matchLeaf(index: number): void {
    const [start, end] = this.#claims.rowsOf(index)
    const proven = this.#proven.at(index)
    const expected = proven ?? this.#claims.fromCheckpoint(index)
    if (this.#isCarried && proven !== undefined && isLostLeaf(proven.bytes, proven.offset)) {
      if (start < end) {
        const message = 'a successor says that the record of this index was lost'
        this.#find('INSERTED', index, message)
      }
      return
    }
    if (start === end) {
      this.#matchAbsent(index)
      return
    }
    if (end - start > 1) this.#find('FORGED_DUP', index, 'two different texts claim this index')
    const row = this.#findRow(start, end, expected)
    if (row === undefined) {
      const root = proven === undefined ? 'that its checkpoint names' : 'under the signed root'
      this.#find('ALTERED', index, `the record does not hash to the leaf ${root}`)
    } else this.#readMatched(index, row, proven !== undefined)
  }

  /** The first row whose leaf is the expected one, if one is expected. */
  #findRow(start: number, end: number, expected: LeafPlace | undefined): number | undefined {
    const { evidence, rows } = this.#log
    if (expected === undefined) return rows[start]
    for (let at = start; at < end; at++) {
      const row = rows[at]!
      if (evidence.leaves.isHash(row, expected.bytes, expected.offset)) return row
    }
    return undefined
  }

  /** Leaves of which there is neither record nor hash: the checkpoint behind them is missing too. */
  #matchUnclaimed(first: number, end: number): void {
    const start = Math.max(first, Math.min(this.#log.start, end))
    this.#log.beforeSince += start - first
    if (start === end) return
    // Nothing tells their routes; in the export of one route most of them never were.
    if (this.#route !== undefined) this.#log.notRouted += end - start
    else this.#missing.add(start, end - 1)
  }

  #matchAbsent(index: number): void {
    if (index < this.#log.start) {
      this.#log.beforeSince++
    } else if (this.#route !== undefined && !isOnRoute(this.#routes.at(index), this.#route)) {
      this.#log.notRouted++
      if (!this.#routes.isSigned(index)) this.#log.unsignedRoutes++
    } else if (index > 0 && this.#checkpointIndexes.has(index)) {
      const message = 'the sequence of checkpoints has a hole here: its record is missing'
      this.#find('MISSING_CHECKPOINT', index, message)
    } else this.#missing.add(index)
  }

  #readMatched(index: number, row: number, isProven: boolean): void {
    const { evidence, key } = this.#log
    const kind = evidence.leaves.kindAt(row)
    if (key !== undefined) {
      checkRecordTime(this.#log, row, this.#findings)
      if (kind === 'checkpoint') checkHeadTime(this.#log, row, this.#findings)
    }
    if (kind === 'ordinary') return
    if (kind === 'open' && index > 0) {
      this.#find('UNKNOWN_KEY', index, 'a second log.open stands in the middle of the log')
    }
    if (!isProven) return
    if (kind === 'close') this.#log.closedAt = index
    if (kind === 'statement') this.#log.provenStatements.push(row)
    if (kind === 'loss') this.#log.provenLosses.push(row)
    if (kind === 'recovered') {
      const recovery = evidence.recoveryAt(row)
      if (recovery !== undefined) this.#log.recoveries.push({ ...recovery, index })
    }
  }

  #find(verdict: FindingVerdict, index: number, message: string): void {
    this.#findings.add({ verdict, log: this.#log.evidence.origin, index, message })
  }
}

/** A record whose time lies outside its log's certificate was not made by that log's process. */
export function checkRecordTime(log: LogAnalysis, row: number, findings: FindingList): void {
  const { leaves, origin } = log.evidence
  if (isOutside(log, leaves.secondsAt(row))) {
    const message = "the record's time lies outside the life of the log's certificate"
    findings.add({ verdict: 'EXPIRED_KEY', log: origin, index: leaves.indexAt(row), message })
  }
}

/** The same for the time at which a checkpoint was signed. */
export function checkHeadTime(log: LogAnalysis, row: number, findings: FindingList): void {
  const checkpoint = log.evidence.checkpointAt(row)
  const timestamp = checkpoint && readTimestamp(checkpoint, log.key)
  if (timestamp !== undefined && isOutside(log, timestamp)) {
    const { leaves, origin } = log.evidence
    const message = "the checkpoint was signed outside the life of the log's certificate"
    findings.add({ verdict: 'EXPIRED_KEY', log: origin, index: leaves.indexAt(row), message })
  }
}

function isOutside({ key }: LogAnalysis, seconds: number): boolean {
  if (key === undefined) return false
  return seconds < key.certificate.notBefore || seconds >= key.certificate.expires
}
