import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readShards } from '@tokentrail/exporter'
import { type VerificationReport, verifyShards } from '@tokentrail/ledger'
import { ROOT } from '../../packages/ledger/test/log-builder.ts'
import { type LogRecord, toLogRecord } from '../backends/log-record.ts'
import { SHAPES, type Shape } from '../backends/shapes.ts'
import type { Attack, Expectation } from './attack.ts'

/** The shapes that the attacks go through: one of each backend, and each way to write a text. */
export const ATTACKED_SHAPES: readonly Shape[] = [
  'OTLP lines',
  'S3 objects, otlp_json',
  'S3 objects, body',
  'hits of Elasticsearch',
  'pages of a scroll',
  'rows of Splunk, a line each',
  'a table of Splunk',
].map((name) => SHAPES.find((shape) => shape.name.startsWith(name))!)

const known = new Map<string, LogRecord>()

/** The log record of a text: its copies are those of what it says, if it says anything whole. */
function recordOf(text: string): LogRecord {
  const cached = known.get(text)
  if (cached !== undefined) return cached
  const record = tryToLogRecord(text) ?? { ...BARE, body: { stringValue: text } }
  if (known.size > 50_000) known.clear()
  known.set(text, record)
  return record
}

/** What a backend still has beside a text that was damaged. */
const BARE: LogRecord = {
  timeUnixNano: '0',
  severityNumber: 9,
  eventName: 'oauth.request',
  body: { stringValue: '' },
  attributes: [],
}

function tryToLogRecord(text: string): LogRecord | undefined {
  try {
    const record = toLogRecord(text)
    return /^[0-9]+$/.test(record.timeUnixNano) && record.eventName ? record : undefined
  } catch {
    return undefined
  }
}

/** What was found of an attack. */
export interface Judgement {
  readonly report: VerificationReport
  readonly unreadable: number
  /** Why it is not what was expected. */
  readonly problem?: string
}

/** Writes what the backend holds after an attack, reads it as anybody would, and judges. */
export async function judge(attack: Attack, shape: Shape, folder: string): Promise<Judgement> {
  const path = join(folder, shape.file)
  writeFileSync(path, write(attack.texts, shape))
  return judgeFile(attack, path)
}

/** What a backend exports of texts. */
export function write(texts: readonly string[], shape: Shape): string | Uint8Array {
  return shape.write(texts.map(recordOf), 'orders')
}

/** Reads a file as `tokentrail verify` does, and judges. */
export async function judgeFile(attack: Expectation, path: string): Promise<Judgement> {
  let unreadable = 0
  const shards = readShards([path], { onUnreadable: () => unreadable++ })
  const report = await verifyShards(shards, { roots: [ROOT], route: '*' })
  const problem = findProblem(attack, report)
  return { report, unreadable, ...(problem !== undefined && { problem }) }
}

function findProblem(
  { verdicts, indexes, loose }: Expectation,
  { verdict, findings }: VerificationReport,
): string | undefined {
  if (!verdicts.includes(verdict)) return `${verdict} instead of ${verdicts.join(' or ')}`
  if (indexes === undefined) return undefined
  const named = new Set(
    findings
      .filter((finding) => finding.verdict !== 'UNSEALED_END' && finding.index !== undefined)
      .flatMap(({ index = 0, lastIndex = index }) =>
        Array.from({ length: Math.min(lastIndex - index, 100_000) + 1 }, (_, i) => index + i),
      ),
  )
  const missed = indexes.filter((index) => !named.has(index))
  if (missed.length > 0) return `${verdict} does not name ${missed.join(', ')}`
  const more = [...named].filter((index) => !indexes.includes(index))
  return loose === true || more.length === 0 ? undefined : `${verdict} names ${more.join(', ')} too`
}
