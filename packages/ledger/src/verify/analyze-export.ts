import type { JWK } from 'jose'
import type { KnownIssuers } from '../certificate.ts'
import type { Intake } from './intake.ts'
import { analyzeLog, type LogAnalysis } from './log-analysis.ts'
import { matchRecords } from './match.ts'
import type { Anchor, VerifiedRoute } from './report.ts'
import { canBeOfRoute, EVERY_ROUTE, inferRoute } from './route-survey.ts'
import { findSliceStart } from './slice.ts'
import { applySuccessors } from './succession.ts'

/** What of an export is looked at. */
export interface AnalysisOptions {
  readonly roots: readonly JWK[]
  /** Nanoseconds since 1970 UTC. */
  readonly since?: bigint
  readonly route?: string
}

/** An export whose logs were rebuilt and whose records were matched. */
export interface ExportAnalysis {
  /** By origin, in order. */
  readonly logs: ReadonlyMap<string, LogAnalysis>
  readonly route?: VerifiedRoute
  readonly anchors: readonly Anchor[]
  /** Origins of logs that left no record, as a successor says; none of them is at hand. */
  readonly unbegun: ReadonlySet<string>
}

/** Rebuilds the logs of an export, matches their records and lets successors speak. */
export async function analyzeExport(
  intake: Intake,
  options: AnalysisOptions,
): Promise<ExportAnalysis> {
  const { findings } = intake
  const logs = new Map<string, LogAnalysis>()
  const issuers: KnownIssuers = new Map()
  for (const origin of [...intake.logs.keys()].sort()) {
    logs.set(origin, await analyzeLog(intake.logs.get(origin)!, options.roots, issuers))
  }
  if (options.since !== undefined) {
    for (const log of logs.values()) log.start = findSliceStart(log, options.since, findings)
  }
  const route = chooseRoute([...logs.values()], options.route)
  for (const log of logs.values()) matchRecords(log, findings, route?.name)
  const { anchors, unbegun } = applySuccessors(logs, findings, route?.name)
  return { logs, ...(route !== undefined && { route }), anchors, unbegun }
}

function chooseRoute(logs: readonly LogAnalysis[], name?: string): VerifiedRoute | undefined {
  if (name === EVERY_ROUTE) return undefined
  if (name !== undefined) {
    return canBeOfRoute(logs, name) ? { name, inferred: false } : undefined
  }
  const inferred = inferRoute(logs)
  return inferred === undefined ? undefined : { name: inferred, inferred: true }
}
