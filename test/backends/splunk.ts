import { isoTime, plainAttributes, type LogRecord } from './log-record.ts'

// opentelemetry-collector-contrib, exporter/splunkhecexporter, logdata_to_splunk.go: the body is
// `event`, attributes and ids are `fields`, `time` is seconds as a double. What comes back: rows
// of `splunk search -output json` and of `search/jobs/export?output_mode=json` (a `result` a line,
// every field a string or a list of them, `_raw` the event as indexed); `search/jobs/<sid>/results`
// (`results`); CSV as Splunk Web exports it.

function hecTime(record: LogRecord): number {
  return Number(record.timeUnixNano) / 1e9
}

/** The event that the collector sends. */
export function toHecEvent(record: LogRecord): object {
  const { traceId, spanId, severityNumber, body } = record
  return {
    time: hecTime(record),
    host: 'unknown',
    source: 'otel',
    sourcetype: 'otel:logs',
    index: 'audit',
    event: body.stringValue,
    fields: {
      ...(spanId && { span_id: spanId }),
      ...(traceId && { trace_id: traceId }),
      'otel.log.severity.number': severityNumber,
      'service.name': 'orders',
      ...plainAttributes(record),
    },
  }
}

function toText(value: unknown): string | string[] {
  return Array.isArray(value) ? value.map(String) : String(value)
}

/** What Splunk finds in a text that is JSON, without being told to. */
function extractFields(text: string): { readonly [name: string]: string | string[] } {
  try {
    const { attributes = {}, type } = JSON.parse(text) as {
      readonly type?: unknown
      readonly attributes?: { readonly [name: string]: unknown }
    }
    const found = Object.entries(attributes).map(([name, value]) => [
      `attributes.${name}${Array.isArray(value) ? '{}' : ''}`,
      toText(value),
    ])
    return { ...(Object.fromEntries(found) as { [name: string]: string }), type: String(type) }
  } catch {
    return {}
  }
}

/** A row of a search: the event, its indexed fields, and what Splunk finds in the text. */
function toRow(record: LogRecord): { readonly [name: string]: string | string[] } {
  const copied = Object.entries(plainAttributes(record)).map(([name, value]) => [
    name,
    toText(value),
  ])
  return {
    _bkt: 'audit~1~8A7C',
    _cd: '1:4242',
    _time: isoTime(record, 3).replace('Z', '+00:00'),
    ...(Object.fromEntries(copied) as { [name: string]: string }),
    ...extractFields(record.body.stringValue),
    host: 'unknown',
    index: 'audit',
    linecount: '1',
    source: 'otel',
    sourcetype: 'otel:logs',
    _raw: record.body.stringValue,
  }
}

/** Lines of an export: a row each, and what the last one says. */
export function toExportLines(records: readonly LogRecord[]): string {
  const lines = records.map((record, offset) =>
    JSON.stringify({ preview: false, offset, result: toRow(record) }),
  )
  return `${[...lines, '{"preview":false,"lastrow":true}'].join('\n')}\n`
}

/** The answer of `search/jobs/<sid>/results?output_mode=json`. */
export function toResults(records: readonly LogRecord[]): object {
  return {
    preview: false,
    init_offset: 0,
    messages: [{ type: 'INFO', text: 'Your timerange was substituted' }],
    fields: [{ name: '_raw' }, { name: '_time' }],
    results: records.map(toRow),
    highlighted: {},
  }
}

function toCell(value: string | readonly string[]): string {
  const text = typeof value === 'string' ? value : value.join('\n')
  return `"${text.replaceAll('"', '""')}"`
}

/** A table as Splunk Web exports it; a cell with several values has them on lines. */
export function toCsv(records: readonly LogRecord[], columns: readonly string[]): string {
  const rows = records.map((record) => {
    const row = toRow(record)
    return columns.map((column) => toCell(row[column] ?? '')).join(',')
  })
  return [columns.map(toCell).join(','), ...rows, ''].join('\r\n')
}
