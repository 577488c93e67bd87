import type { ExportedRecord } from '@tokentrail/ledger'

/** What a line of an export turned out to be. */
export type ParsedLine =
  | { readonly records: readonly ExportedRecord[]; readonly problems: readonly string[] }
  /** Why the line as a whole cannot be used. */
  | { readonly unreadable: string }

type Json = { readonly [name: string]: unknown }

/** Names of the other signals, which stand in exports too and are none of our business. */
const OTHER_SIGNALS = ['resourceSpans', 'resourceMetrics', 'resourceProfiles'] as const

/** Names that only our records have; without a text as body such a record is no evidence. */
const OURS = /^(?:oauth|tokentrail)\./

/** The same in a canonical text, for a store that kept no event name. */
const OURS_IN_TEXT = /"type":"(?:oauth|tokentrail)\./

/**
 * Parses a line of an export: one OTLP/JSON `LogsData` (opentelemetry-proto `logs.proto`, proto3
 * JSON). Log records of others are passed over, ours are returned in their order.
 */
export function parseLogsLine(text: string, source: { file: string; line: number }): ParsedLine {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch {
    return { unreadable: 'not one whole JSON value' }
  }
  if (!isObject(data)) return { unreadable: 'not a JSON object' }
  const { resourceLogs } = data
  if (resourceLogs === undefined && OTHER_SIGNALS.some((name) => name in data)) {
    return { records: [], problems: [] }
  }
  if (!Array.isArray(resourceLogs)) return { unreadable: 'not OTLP logs: no "resourceLogs"' }
  const records: ExportedRecord[] = []
  const problems: string[] = []
  for (const found of logRecordsOf(resourceLogs)) {
    const record = isObject(found) ? toExported(found, source) : undefined
    if (record !== undefined) {
      if (isOurs(record)) records.push(record)
    } else if (!isObject(found)) problems.push('a log record that is no JSON object')
    else if (OURS.test(String(found['eventName']))) problems.push('a record whose body is no text')
  }
  return { records, problems }
}

function* logRecordsOf(resourceLogs: readonly unknown[]): Generator {
  for (const resource of resourceLogs) {
    for (const scope of listOf(resource, 'scopeLogs')) yield* listOf(scope, 'logRecords')
  }
}

function listOf(holder: unknown, name: string): readonly unknown[] {
  const list = isObject(holder) ? holder[name] : undefined
  return Array.isArray(list) ? list : []
}

/**
 * Whether a record may be evidence. One that was altered until it no longer looks like it is as
 * good as removed, and is missed as such.
 */
function isOurs({ eventName, body }: ExportedRecord): boolean {
  return OURS.test(eventName ?? '') || OURS_IN_TEXT.test(body)
}

function toExported(
  found: Json,
  source: { file: string; line: number },
): ExportedRecord | undefined {
  const body = isObject(found['body']) ? found['body']['stringValue'] : undefined
  if (typeof body !== 'string') return undefined
  return {
    body,
    attributes: decodeKeyValues(found['attributes']),
    ...textMember(found, 'eventName'),
    ...textMember(found, 'timeUnixNano'),
    ...textMember(found, 'traceId'),
    ...textMember(found, 'spanId'),
    ...(typeof found['severityNumber'] === 'number'
      ? { severityNumber: found['severityNumber'] }
      : {}),
    source,
  }
}

function textMember(found: Json, name: string): { readonly [name: string]: string } {
  const value = found[name]
  if (typeof value === 'number') return { [name]: String(value) }
  return typeof value === 'string' && value !== '' ? { [name]: value } : {}
}

function decodeKeyValues(value: unknown): { readonly [name: string]: unknown } {
  // Names come from outside: no name may reach a prototype.
  const decoded = Object.create(null) as { [name: string]: unknown }
  for (const pair of Array.isArray(value) ? (value as readonly unknown[]) : []) {
    if (isObject(pair) && typeof pair['key'] === 'string') {
      decoded[pair['key']] = decodeAnyValue(pair['value'])
    }
  }
  return decoded
}

function decodeAnyValue(value: unknown): unknown {
  if (!isObject(value)) return undefined
  if ('intValue' in value) return decodeInt(value['intValue'])
  if ('arrayValue' in value) return listOf(value['arrayValue'], 'values').map(decodeAnyValue)
  if ('kvlistValue' in value && isObject(value['kvlistValue'])) {
    return decodeKeyValues(value['kvlistValue']['values'])
  }
  return value['stringValue'] ?? value['boolValue'] ?? value['doubleValue'] ?? value['bytesValue']
}

/** An int64 is a string in proto3 JSON; some write a number. */
function decodeInt(value: unknown): unknown {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
