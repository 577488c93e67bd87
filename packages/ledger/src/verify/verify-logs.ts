import type { JWK } from 'jose'
import type { TlogPolicy } from '../tlog-policy.ts'
import { analyzeExport } from './analyze-export.ts'
import { listErasures } from './erasures.ts'
import type { ExportedRecords } from './exported-record.ts'
import type { FindingList } from './finding-list.ts'
import { Intake, type IntakeShard } from './intake.ts'
import { judgeLog } from './log-judgement.ts'
import { describeLosses, listLosses } from './losses.ts'
import { applyRegistries, type CheckedTimestamp } from './registry.ts'
import type { LogReport, VerificationReport, VerifiedRoute } from './report.ts'
import { EVERY_ROUTE } from './route-survey.ts'
import { measureUnsealedTimes } from './unsealed-time.ts'
import { EXIT_CODES, type Verdict } from './verdict.ts'

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
  /** Witnesses that are trusted over a registry, and how many of them are enough. */
  readonly policy?: TlogPolicy
  /**
   * Signed checkpoints that were kept outside: by a witness, under Object Lock, by hand. They count
   * where the key of a log at hand has signed them.
   */
  readonly checkpoints?: readonly string[]
  /**
   * Checks a time-stamp: an RFC 3161 response over a text. It throws when the token does not hold,
   * and answers `undefined` when its authority is not trusted, so that the time-stamp does not
   * count. Default is that none counts.
   */
  readonly verifyTimestamp?: (response: Uint8Array, text: string) => CheckedTimestamp | undefined
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
  records: ExportedRecords,
  options: VerifyOptions,
): Promise<VerificationReport> {
  if (!Array.isArray(options.roots)) throw new TypeError('"roots" must be an array of JWKs')
  const intake = new Intake(options)
  await intake.takeAll(records)
  return judge(intake, options)
}

/**
 * Verifies an export whose parts were read by `readShard` of `@tokentrail/ledger/shard`, perhaps in
 * other threads. The outcome is that of {@link verifyLogs} on the parts in their order.
 *
 * @throws TypeError for options of the wrong type. An error of `shards` itself is passed on.
 */
export async function verifyShards(
  shards: AsyncIterable<IntakeShard> | Iterable<IntakeShard>,
  options: VerifyOptions,
): Promise<VerificationReport> {
  if (!Array.isArray(options.roots)) throw new TypeError('"roots" must be an array of JWKs')
  const intake = new Intake(options)
  for await (const shard of shards) intake.merge(shard)
  return judge(intake, options)
}

async function judge(intake: Intake, options: VerifyOptions): Promise<VerificationReport> {
  const { findings, records, identities } = intake
  const { logs, route, unbegun, anchors: successors } = await analyzeExport(intake, options)
  const registry = applyRegistries(logs, findings, {
    ...options,
    isPartial: route !== undefined,
    unbegun,
  })
  const anchors = [...successors, ...registry.anchors]
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
  const losses = listLosses(logs.values())
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
    losses,
    selfIssued: reports.some(({ selfIssued }) => selfIssued),
    remarks: [
      ...listRemarks(reports, anchors, route, options.route),
      ...describeLosses(losses),
      ...registry.remarks,
    ],
    shortfalls: registry.shortfalls,
  }
}

function pickUntil({ until }: VerifyOptions): { readonly until?: bigint } {
  return until === undefined ? {} : { until }
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
