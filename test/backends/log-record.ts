import { severityOf } from '@tokentrail/ledger'

/** An OTLP attribute value in proto3 JSON. */
export type AnyValue =
  | { readonly stringValue: string }
  | { readonly intValue: string }
  | { readonly boolValue: boolean }
  | { readonly arrayValue: { readonly values?: readonly AnyValue[] } }
  | { readonly kvlistValue: { readonly values?: readonly KeyValue[] } }

export interface KeyValue {
  readonly key: string
  readonly value: AnyValue
}

/** An OTLP log record in proto3 JSON, as the exporter delivers it. */
export interface LogRecord {
  readonly timeUnixNano: string
  readonly severityNumber: number
  readonly eventName: string
  readonly body: { readonly stringValue: string }
  readonly attributes: readonly KeyValue[]
  readonly traceId?: string
  readonly spanId?: string
}

/** The log record that carries a canonical text. */
export function toLogRecord(text: string): LogRecord {
  const { type, time, trace, span, session, log, index, attributes } = JSON.parse(text) as {
    readonly type: string
    readonly time: string
    readonly log: string
    readonly index: number
    readonly trace?: string
    readonly span?: string
    readonly session?: string
    readonly attributes?: { readonly [name: string]: unknown }
  }
  const all = {
    ...attributes,
    ...(session !== undefined && { 'oauth.session.id': session }),
    'log.record.uid': `${log}.${index}`,
  }
  return {
    timeUnixNano: time,
    severityNumber: severityOf(type, attributes),
    eventName: type,
    body: { stringValue: text },
    attributes: Object.entries(all).map(([key, value]) => ({ key, value: toAnyValue(value) })),
    ...(trace !== undefined && { traceId: trace }),
    ...(span !== undefined && { spanId: span }),
  }
}

function toAnyValue(value: unknown): AnyValue {
  if (typeof value === 'number') return { intValue: String(value) }
  if (typeof value === 'boolean') return { boolValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(toAnyValue) } }
  return { stringValue: String(value) }
}

/** Attribute values as a store that knows JSON has them. */
export function plainAttributes({ attributes }: LogRecord): { [name: string]: unknown } {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, toPlain(value)]))
}

function toPlain(value: AnyValue): unknown {
  if ('intValue' in value) return Number(value.intValue)
  if ('boolValue' in value) return value.boolValue
  if ('arrayValue' in value) return (value.arrayValue.values ?? []).map(toPlain)
  if ('stringValue' in value) return value.stringValue
  return undefined
}

/** Seconds and nanoseconds within, of a record's time. */
export function splitTime({ timeUnixNano }: LogRecord): readonly [bigint, bigint] {
  const nanos = BigInt(timeUnixNano)
  return [nanos / 1_000_000_000n, nanos % 1_000_000_000n]
}

/** ISO 8601 with nanoseconds. */
export function isoTime(record: LogRecord, digits = 9): string {
  const [seconds, nanos] = splitTime(record)
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  return `${whole}.${String(nanos).padStart(9, '0').slice(0, digits)}Z`
}
