import { gzipSync } from 'node:zlib'
import type { LogRecord } from './log-record.ts'

// opentelemetry-collector-contrib, exporter/awss3exporter: an object per batch; marshaler
// `otlp_json` writes one LogsData and a newline is not promised, `body` each body and a newline
// (body_marshaler.go); compression `gzip`.

const BATCH = 64

/** One LogsData for records of one service, as the file exporter writes a line. */
export function toLogsData(records: readonly LogRecord[], service: string): object {
  const attributes = [{ key: 'service.name', value: { stringValue: service } }]
  const scope = { name: '@tokentrail/instrumentation', version: '0.1.0' }
  return {
    resourceLogs: [{ resource: { attributes }, scopeLogs: [{ scope, logRecords: records }] }],
  }
}

function* batches(records: readonly LogRecord[]): Generator<readonly LogRecord[]> {
  for (let at = 0; at < records.length; at += BATCH) yield records.slice(at, at + BATCH)
}

/** Lines of OTLP JSON, as the collector's file exporter writes them. */
export function toOtlpLines(records: readonly LogRecord[], service: string): string {
  return [...batches(records)]
    .map((batch) => `${JSON.stringify(toLogsData(batch, service))}\n`)
    .join('')
}

/** Objects of marshaler `otlp_json`, packed, one behind the other: each is a gzip member. */
export function toS3OtlpObjects(records: readonly LogRecord[], service: string): Buffer {
  const objects = [...batches(records)].map((batch) =>
    gzipSync(`${JSON.stringify(toLogsData(batch, service))}\n`, { level: 1 }),
  )
  return Buffer.concat(objects)
}

/** An object of marshaler `body`. */
export function toS3Bodies(records: readonly LogRecord[]): string {
  return records.map(({ body }) => `${body.stringValue}\n`).join('')
}
