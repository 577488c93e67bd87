import { isoTime, plainAttributes, splitTime, type LogRecord } from './log-record.ts'

// opentelemetry-collector-contrib, exporter/elasticsearchexporter. Mapping mode `otel`
// (internal/serializer/otelserializer/{logs,common}.go): `@timestamp` is "<ms>.<ns within>" without
// leading zeros, `attributes` is flat, a string body is `body.text`. Mode `ecs` (model.go):
// attributes at the top under ECS names, `message`, `trace.id`, `service.name`. Mode `none`:
// `Body`, `Attributes.<name>`, `Resource.<name>`, `TraceId`.

/** What the exporter sends to be kept as `_source`, and how a store may have changed it. */
export type Mapping = 'otel' | 'otel-synthetic' | 'ecs' | 'none'

function otelTime(record: LogRecord): string {
  const [seconds, nanos] = splitTime(record)
  return `${seconds * 1000n + nanos / 1_000_000n}.${nanos % 1_000_000n}`
}

function withIds(record: LogRecord, names: readonly [string, string]): object {
  const { traceId, spanId } = record
  return { ...(traceId && { [names[0]]: traceId }), ...(spanId && { [names[1]]: spanId }) }
}

function nest(flat: { readonly [name: string]: unknown }): object {
  const root: { [name: string]: unknown } = {}
  for (const [path, value] of Object.entries(flat)) {
    const names = path.split('.')
    let at = root
    for (const name of names.slice(0, -1)) at = (at[name] ??= {}) as typeof root
    at[names.at(-1)!] = value
  }
  return root
}

/** The document of one record. */
export function toDocument(record: LogRecord, service: string, mapping: Mapping): object {
  const attributes = plainAttributes(record)
  const text = record.body.stringValue
  const severity = record.severityNumber
  if (mapping === 'ecs') {
    return {
      '@timestamp': isoTime(record),
      ...nest({ ...attributes, 'service.name': service, 'event.severity': severity }),
      ...withIds(record, ['trace.id', 'span.id']),
      // What an ingest pipeline may add beside what was recorded.
      'user_agent.device.name': 'Other',
      message: text,
    }
  }
  if (mapping === 'none') {
    const prefixed = Object.entries(attributes).map(([name, value]) => [
      `Attributes.${name}`,
      value,
    ])
    return {
      '@timestamp': isoTime(record),
      Body: text,
      'Resource.service.name': service,
      SeverityNumber: severity,
      ...Object.fromEntries(prefixed),
      ...withIds(record, ['TraceId', 'SpanId']),
    }
  }
  return {
    // A `date` field that is rebuilt has milliseconds.
    '@timestamp': mapping === 'otel' ? otelTime(record) : isoTime(record, 3),
    observed_timestamp: '1795470000123.456789',
    data_stream: { type: 'logs', dataset: 'generic.otel', namespace: 'default' },
    severity_number: severity,
    event_name: record.eventName,
    ...withIds(record, ['trace_id', 'span_id']),
    attributes: mapping === 'otel' ? attributes : nest(attributes),
    resource: { attributes: { 'service.name': service } },
    scope: { name: '@tokentrail/instrumentation', version: '0.1.0' },
    body: { text },
  }
}

/** A hit of a search, and a line of elasticdump (`--type=data`). */
export function toHit(document: object, at: number): object {
  return {
    _index: '.ds-logs-generic.otel-default-2026.11.24-000001',
    _id: `id-${at}`,
    _score: 1,
    _source: document,
  }
}

/** A search response with a page of hits (`GET /<index>/_search`). */
export function toSearchResponse(hits: readonly object[]): object {
  return {
    took: 5,
    timed_out: false,
    _shards: { total: 1, successful: 1, skipped: 0, failed: 0 },
    hits: { total: { value: hits.length, relation: 'eq' }, max_score: 1, hits },
  }
}

/** The hits of a search for `fields` without `_source`, each field a list. */
export function toFieldsHit(record: LogRecord, at: number): object {
  const attributes = Object.entries(plainAttributes(record)).map(([name, value]) => [
    `attributes.${name}`,
    Array.isArray(value) ? value : [value],
  ])
  return {
    _index: 'logs-generic.otel-default',
    _id: `id-${at}`,
    fields: {
      '@timestamp': [isoTime(record, 3)],
      'body.text': [record.body.stringValue],
      event_name: [record.eventName],
      ...Object.fromEntries(attributes),
    },
  }
}

/** The document of OpenSearch's simple schema (exporter/opensearchexporter, encodeLogSSO). */
export function toSimpleSchema(record: LogRecord, service: string): object {
  return {
    attributes: { ...plainAttributes(record), data_stream: { dataset: 'default', type: 'record' } },
    body: record.body.stringValue,
    instrumentationScope: { name: '@tokentrail/instrumentation', version: '0.1.0' },
    observedTimestamp: '2026-11-24T10:00:00.1Z',
    resource: { 'service.name': service },
    severity: { number: record.severityNumber },
    '@timestamp': isoTime(record),
    ...withIds(record, ['traceId', 'spanId']),
  }
}
