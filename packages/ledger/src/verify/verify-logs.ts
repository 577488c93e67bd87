import type { JWK } from 'jose'
import { CanonicalScanner } from './canonical-scanner.ts'
import type { ExportedRecord, RecordSource } from './exported-record.ts'
import { FindingList } from './finding-list.ts'
import { analyzeLog, type LogAnalysis } from './log-analysis.ts'
import { listErasures } from './erasures.ts'
import { judgeLog } from './log-judgement.ts'
import { LogEvidence } from './log-evidence.ts'
import { matchRecords } from './match.ts'
import { compareProjection } from './projection.ts'
import { readRecordText, toHead, type BrokenReading, type RecordHead } from './record-text.ts'
import type { LogReport, VerificationReport, VerifiedRoute } from './report.ts'
import { canBeOfRoute, EVERY_ROUTE, inferRoute } from './route-survey.ts'
import { findSliceStart } from './slice.ts'
import { applySuccessors } from './succession.ts'
import { measureUnsealedTimes } from './unsealed-time.ts'
import { EXIT_CODES, type Verdict } from './verdict.ts'

/** Records between two calls of `onProgress`. */
const PROGRESS_RECORDS = 10_000

/** Said of every export in which no anchor stands over each log. */
export const NO_ANCHOR_REMARK =
  'No outside anchor: a rewrite of the whole log by the holder of its key would not be seen.'

/** How an export is verified. */
export interface VerifyOptions {
  /** Public Ed25519 root keys that a log's certificate must chain to. None trusts nobody. */
  readonly roots: readonly JWK[]
  /**
   * Nanoseconds since 1970 UTC. A log that still runs is no finding when it has a signed head at or
   * past this time. Default is none: every log must have an end.
   */
  readonly until?: bigint
  /**
   * Nanoseconds since 1970 UTC. The export is a slice of what came since then: of a log that had
   * begun before, records before the first one at hand are not missed. A slice needs a checkpoint
   * that carries a frontier and the log's certificate, which comes once a minute. Default is none:
   * every log is looked for from its first record on.
   */
  readonly since?: bigint
  /**
   * The one route that the export is of; `*` when it is whole. A route that no record belongs to,
   * while there are records of others, is left out of account and remarked on. Default is the route
   * that all ordinary records belong to, if records are missing, else none.
   */
  readonly route?: string
  /** Called with the number of records read, every 10,000 and at the end. */
  readonly onProgress?: (records: number) => void
}

/**
 * Verifies an export offline: records in any order, copies allowed, several logs mixed. It never
 * throws for what it reads; everything wrong is a finding, and the gravest decides.
 *
 * Memory: about 100 bytes per record, whatever index it claims.
 *
 * @throws TypeError for options of the wrong type. An error of `records` itself is passed on.
 */
export async function verifyLogs(
  records: AsyncIterable<ExportedRecord> | Iterable<ExportedRecord>,
  options: VerifyOptions,
): Promise<VerificationReport> {
  if (!Array.isArray(options.roots)) throw new TypeError('"roots" must be an array of JWKs')
  const intake = new Intake(options.onProgress)
  // Without a promise per record where there is nothing to wait for.
  if (Symbol.asyncIterator in records) for await (const record of records) intake.take(record)
  else for (const record of records) intake.take(record)
  intake.finish()
  return judge(intake, options)
}

/** Reads an export record by record. */
class Intake {
  readonly logs = new Map<string, LogEvidence>()
  readonly findings = new FindingList()
  records = 0
  identities = 0
  readonly #scanner = new CanonicalScanner()
  readonly #onProgress: ((records: number) => void) | undefined
  #last: LogEvidence | undefined

  constructor(onProgress: ((records: number) => void) | undefined) {
    this.#onProgress = onProgress
  }

  take(exported: ExportedRecord): void {
    if (++this.records % PROGRESS_RECORDS === 0) this.#onProgress?.(this.records)
    const body: unknown = exported.body
    const text = typeof body === 'string' ? body : ''
    const head = this.#scanner.scan(text)
    if (head !== undefined) {
      this.#takeRecord(exported, head)
      return
    }
    const reading = readRecordText(text)
    if (reading.status === 'identity') this.identities++
    else if (reading.status === 'record') this.#takeRecord(exported, toHead(reading.record))
    else this.#takeBroken(exported, reading)
  }

  #takeRecord(exported: ExportedRecord, record: RecordHead): void {
    this.#evidence(record.log).add(record, exported.body)
    const { log, index } = record
    for (const attribute of compareProjection(exported, record)) {
      const message = `${attribute} differs from the record's text`
      const place = { log, index, attribute, ...pickSource(exported) }
      this.findings.add({ verdict: 'PROJECTION_DIFFERS', message, ...place })
    }
  }

  #takeBroken(exported: ExportedRecord, { log, index, problem }: BrokenReading): void {
    if (log !== undefined && index !== undefined) {
      this.#evidence(log).addBroken(exported.body, index)
    }
    this.findings.add({
      verdict: 'ALTERED',
      ...(log !== undefined && { log }),
      ...(index !== undefined && { index }),
      message: problem,
      ...pickSource(exported),
    })
  }

  finish(): void {
    this.#onProgress?.(this.records)
  }

  #evidence(origin: string): LogEvidence {
    if (this.#last?.origin === origin) return this.#last
    let evidence = this.logs.get(origin)
    if (evidence === undefined) {
      evidence = new LogEvidence(origin)
      this.logs.set(origin, evidence)
    }
    this.#last = evidence
    return evidence
  }
}

async function judge(intake: Intake, options: VerifyOptions): Promise<VerificationReport> {
  const { findings, records, identities } = intake
  const logs = new Map<string, LogAnalysis>()
  for (const origin of [...intake.logs.keys()].sort()) {
    logs.set(origin, await analyzeLog(intake.logs.get(origin)!, options.roots))
  }
  if (options.since !== undefined) {
    for (const log of logs.values()) log.start = findSliceStart(log, options.since, findings)
  }
  const route = chooseRoute([...logs.values()], options.route)
  for (const log of logs.values()) matchRecords(log, findings, route?.name)
  const anchors = applySuccessors(logs, findings, route?.name)
  const unsealedTimes = measureUnsealedTimes([...logs.values()])
  const reports = [...logs.values()].map((log) => {
    const unsealedTime = unsealedTimes.get(log.evidence.origin)
    return judgeLog(log, findings, {
      isPartial: route !== undefined,
      ...pickUntil(options),
      ...(unsealedTime !== undefined && { unsealedTime }),
    })
  })
  const erasures = listErasures(logs.values(), findings)
  const verdict = decide(reports, findings, options)
  const distinct = [...logs.values()].reduce((sum, log) => sum + log.rows.length, 0)
  const read = [...logs.values()].reduce((sum, log) => sum + log.evidence.leaves.count, 0)
  return {
    verdict,
    exitCode: EXIT_CODES[verdict],
    ...(options.until !== undefined && { until: options.until.toString() }),
    ...(options.since !== undefined && { since: options.since.toString() }),
    ...(route !== undefined && { route }),
    records,
    identities,
    duplicates: read - distinct,
    findings: findings.sorted(),
    omittedFindings: findings.omitted,
    logs: reports,
    anchors,
    erasures,
    selfIssued: reports.some(({ selfIssued }) => selfIssued),
    remarks: listRemarks(reports, anchors, route, options.route),
  }
}

function pickSource({ source }: ExportedRecord): { readonly source?: RecordSource } {
  return source === undefined ? {} : { source }
}

function pickUntil({ until }: VerifyOptions): { readonly until?: bigint } {
  return until === undefined ? {} : { until }
}

function chooseRoute(logs: readonly LogAnalysis[], name?: string): VerifiedRoute | undefined {
  if (name === EVERY_ROUTE) return undefined
  if (name !== undefined) {
    return canBeOfRoute(logs, name) ? { name, inferred: false } : undefined
  }
  const inferred = inferRoute(logs)
  return inferred === undefined ? undefined : { name: inferred, inferred: true }
}

function decide(
  logs: readonly LogReport[],
  findings: FindingList,
  { until }: VerifyOptions,
): Verdict {
  if (logs.length === 0) return 'NO_RECORDS'
  const gravest = findings.gravest()
  if (gravest !== undefined) return gravest
  const isSealed = logs.every(({ state }) => state === 'sealed')
  return isSealed || until === undefined ? 'VALID_SEALED' : 'VALID_UNTIL'
}

function listRemarks(
  logs: readonly LogReport[],
  anchors: VerificationReport['anchors'],
  route: VerifiedRoute | undefined,
  named: string | undefined,
): string[] {
  const anchored = new Set(anchors.map(({ log }) => log))
  const remarks: string[] = []
  if (logs.some(({ log }) => !anchored.has(log))) remarks.push(NO_ANCHOR_REMARK)
  if (logs.some(({ selfIssued }) => selfIssued)) {
    remarks.push('Self-issued certificate: whoever holds the root key could have back-dated a log.')
  }
  if (route?.inferred === true) {
    remarks.push(
      `Every ordinary record at hand belongs to the route "${route.name}", so records of other routes are not missed; name the route, or "*" for a whole export, to decide this yourself.`,
    )
  }
  if (route === undefined && named !== undefined && named !== EVERY_ROUTE) {
    remarks.push(
      'The route that was named is none of this export: no record belongs to it, so all were verified.',
    )
  }
  return remarks
}
