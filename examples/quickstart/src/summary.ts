import type { JWK } from 'jose'
import { readExport } from '@tokentrail/exporter'
import { verifyLogs, type VerificationReport } from '@tokentrail/ledger'
import { decodeRecord } from '@tokentrail/session'

/** What an export holds, counted from the records' canonical texts. */
export interface Counts {
  /** Records by event name; a record that several files hold counts once. */
  readonly records: Readonly<Record<string, number>>
  readonly sessions: number
  /** Rejections by reason. */
  readonly rejections: Readonly<Record<string, number>>
}

/** What a round leaves in `summary.json`. */
export interface Summary extends Counts {
  readonly collector: 'otelcol' | 'embedded'
  /** Version of the collector, or of the viewer where it stands in for one. */
  readonly collectorVersion: string
  readonly verdict: VerificationReport['verdict']
  readonly elapsedMillis: number
}

/** Reads an export and counts what is in it. */
export async function countExport(folder: string): Promise<Counts> {
  const records: Record<string, number> = {}
  const rejections: Record<string, number> = {}
  const sessions = new Set<string>()
  const seen = new Set<string>()
  const add = (counts: Record<string, number>, name: string) => {
    counts[name] = (counts[name] ?? 0) + 1
  }
  for await (const { body, eventName } of readExport([folder])) {
    if (seen.has(body)) continue
    seen.add(body)
    if (eventName === 'tokentrail.identity') {
      add(records, eventName)
      continue
    }
    const record = decodeRecord(body)
    add(records, record.type)
    if (record.session !== undefined) sessions.add(record.session)
    const reason = record.attributes?.['oauth.rejection.reason']
    if (record.type === 'oauth.request.rejected' && typeof reason === 'string') {
      add(rejections, reason)
    }
  }
  return { records, sessions: sessions.size, rejections }
}

/** Verifies an export with the root key, as `tokentrail verify` does. */
export function verifyExport(folder: string, root: JWK): Promise<VerificationReport> {
  return verifyLogs(readExport([folder]), { roots: [root] })
}
