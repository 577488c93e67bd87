import type { ExportedRecord, RecordSource } from '@tokentrail/ledger'
import { addOwn, isObject, type Members } from './own-member.ts'
import { isOurName, isOurText } from './own-text.ts'
import { readSeverity } from './severity.ts'
import { type Problem, type Reading, NOTHING, unreadable } from './reading.ts'

type Json = { readonly [name: string]: unknown }
type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

/** Fields of a log record that are text. */
const TEXT_MEMBERS = ['eventName', 'timeUnixNano', 'traceId', 'spanId', 'severityText'] as const

/** Deepest nesting of an attribute's value that is followed. */
const MAX_DEPTH = 32

/** Stands for what lies deeper: no record of ours has it, so it differs from all of them. */
const TOO_DEEP = 'nested too deeply'

/** Names of the other signals, which stand in exports too and are none of our business. */
const OTHER_SIGNALS = ['resourceSpans', 'resourceMetrics', 'resourceProfiles'] as const

/** Tells whether a JSON value is OTLP data of any signal. */
export function isOtlp(value: Json): boolean {
  return 'resourceLogs' in value || OTHER_SIGNALS.some((name) => name in value)
}

/**
 * Reads one OTLP/JSON `LogsData` (opentelemetry-proto `logs.proto`, proto3 JSON). Log records of
 * others are passed over, ours are returned in their order.
 */
export function readOtlp(data: Json, source: RecordSource): Reading {
  const { resourceLogs } = data
  if (resourceLogs === undefined) return NOTHING
  if (!Array.isArray(resourceLogs)) return unreadable(source, 'not OTLP logs: no "resourceLogs"')
  const records: ExportedRecord[] = []
  const problems: Problem[] = []
  for (const resource of resourceLogs) {
    const place = { ...readServiceName(resource), source }
    for (const found of logRecordsOf(resource)) {
      const record = readLogRecord(found, place)
      if (typeof record === 'string') problems.push({ line: source.line, reason: record })
      else if (record !== undefined) records.push(record)
    }
  }
  return { records, problems }
}

/** Reads one log record: ours, nothing for one of others, or what is wrong with it. */
export function readLogRecord(
  found: unknown,
  place: Pick<ExportedRecord, 'serviceName' | 'source'>,
): ExportedRecord | string | undefined {
  if (!isObject(found)) return 'a log record that is no JSON object'
  const record = toExported(found, place)
  if (record === undefined) {
    return isOurName(found['eventName']) ? 'a record whose body is no text' : undefined
  }
  return isOurName(record.eventName) || isOurText(record.body) ? record : undefined
}

function* logRecordsOf(resource: unknown): Generator {
  for (const scope of listOf(resource, 'scopeLogs')) yield* listOf(scope, 'logRecords')
}

/** Reads `service.name` of the resource in a `ResourceLogs`. */
export function readServiceName(resourceLogs: unknown): { readonly serviceName?: string } {
  const resource = isObject(resourceLogs) ? resourceLogs['resource'] : undefined
  if (!isObject(resource)) return {}
  const name = decodeKeyValues(resource['attributes'])['service.name']
  if (name === undefined) return {}
  return { serviceName: typeof name === 'string' ? name : JSON.stringify(name) }
}

function listOf(holder: unknown, name: string): readonly unknown[] {
  const list = isObject(holder) ? holder[name] : undefined
  return Array.isArray(list) ? list : []
}

function toExported(
  found: Json,
  place: Pick<ExportedRecord, 'serviceName' | 'source'>,
): ExportedRecord | undefined {
  const body = isObject(found['body']) ? found['body']['stringValue'] : undefined
  if (typeof body !== 'string') return undefined
  const record: Writable<ExportedRecord> = {
    body,
    attributes: decodeKeyValues(found['attributes']),
    ...place,
  }
  for (const name of TEXT_MEMBERS) {
    const value = found[name]
    if (typeof value === 'number') record[name] = String(value)
    else if (typeof value === 'string' && value !== '') record[name] = value
  }
  const severityNumber = readSeverity(found['severityNumber'])
  if (severityNumber !== undefined) record.severityNumber = severityNumber
  return record
}

/** An object with a hidden class: one without prototype is a hash table, and slow to walk. */
function decodeKeyValues(value: unknown, depth = 0): { readonly [name: string]: unknown } {
  const decoded: Members = {}
  for (const pair of Array.isArray(value) ? (value as readonly unknown[]) : []) {
    if (!isObject(pair)) continue
    const name = pair['key']
    if (typeof name !== 'string') continue
    addOwn(decoded, name, decodeAnyValue(pair['value'], depth))
  }
  return decoded
}

function decodeAnyValue(value: unknown, depth: number): unknown {
  if (!isObject(value)) return undefined
  if (depth > MAX_DEPTH) return TOO_DEEP
  if ('intValue' in value) return decodeInt(value['intValue'])
  if ('arrayValue' in value) {
    return listOf(value['arrayValue'], 'values').map((item) => decodeAnyValue(item, depth + 1))
  }
  if ('kvlistValue' in value && isObject(value['kvlistValue'])) {
    return decodeKeyValues(value['kvlistValue']['values'], depth + 1)
  }
  return value['stringValue'] ?? value['boolValue'] ?? value['doubleValue'] ?? value['bytesValue']
}

/** An int64 is a string in proto3 JSON; some write a number. */
function decodeInt(value: unknown): unknown {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}
