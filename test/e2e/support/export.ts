import { readFileSync, writeFileSync } from 'node:fs'
import { readExport } from '@tokentrail/exporter'
import { filesBelow } from './files.ts'

/** A record of an export, read from its canonical text. */
export interface EvidenceRecord {
  readonly type: string
  readonly log: string
  readonly index?: number
  readonly time: string
  readonly session?: string
  readonly trace?: string
  readonly span?: string
  readonly attributes: Readonly<Record<string, unknown>>
}

/** An OTLP log record as it stands in a file. */
export interface WireRecord {
  eventName: string
  body: { stringValue: string }
}

interface LogsData {
  resourceLogs: { scopeLogs: { logRecords: WireRecord[] }[] }[]
}

/** Every record of an export once, whichever files hold it. */
export async function readRecords(folder: string): Promise<EvidenceRecord[]> {
  const texts = new Set<string>()
  for await (const { body } of readExport([folder])) texts.add(body)
  return [...texts].map((text) => {
    const record = JSON.parse(text) as Omit<EvidenceRecord, 'attributes'> & Partial<EvidenceRecord>
    return { attributes: {}, ...record }
  })
}

/**
 * Rewrites the records of an export in place.
 *
 * @param change - Gives what stands in a record's place: none, one or several.
 */
export function rewriteExport(
  folder: string,
  change: (record: WireRecord, file: string) => readonly WireRecord[],
): void {
  for (const file of filesBelow(folder)) {
    const lines = readFileSync(file, 'utf8').split('\n')
    const rewritten = lines.map((line) => {
      if (!line.startsWith('{"resourceLogs"')) return line
      const data = JSON.parse(line) as LogsData
      for (const { scopeLogs } of data.resourceLogs) {
        for (const scope of scopeLogs) {
          scope.logRecords = scope.logRecords.flatMap((record) => change(record, file))
        }
      }
      return JSON.stringify(data)
    })
    writeFileSync(file, rewritten.join('\n'))
  }
}
