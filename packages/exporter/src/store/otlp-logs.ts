import type { ExportedRecord } from '@tokentrail/ledger'

/** What a line of an export turned out to be. */
export type ParsedLine =
  | { readonly records: readonly ExportedRecord[]; readonly problems: readonly string[] }
  /** Why the line as a whole cannot be used. */
  | { readonly unreadable: string }

type Json = { readonly [name: string]: unknown }
type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

/** Fields of a log record that are text. */
const TEXT_MEMBERS = ['eventName', 'timeUnixNano', 'traceId', 'spanId'] as const

/** Deepest nesting of an attribute's value that is followed. */
const MAX_DEPTH = 32

/** Stands for what lies deeper: no record of ours has it, so it differs from all of them. */
const TOO_DEEP = 'nested too deeply'

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
  for (const resource of resourceLogs) {
    const place = { ...readServiceName(resource), source }
    for (const found of logRecordsOf(resource)) {
      const record = isObject(found) ? toExported(found, place) : undefined
      if (record !== undefined) {
        if (isOurs(record)) records.push(record)
      } else if (!isObject(found)) problems.push('a log record that is no JSON object')
      else if (OURS.test(String(found['eventName'])))
        problems.push('a record whose body is no text')
    }
  }
  return { records, problems }
}

function* logRecordsOf(resource: unknown): Generator {
  for (const scope of listOf(resource, 'scopeLogs')) yield* listOf(scope, 'logRecords')
}

function readServiceName(resourceLogs: unknown): { readonly serviceName?: string } {
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

/**
 * Whether a record may be evidence. One that was altered until it no longer looks like it is as
 * good as removed, and is missed as such.
 */
function isOurs({ eventName, body }: ExportedRecord): boolean {
  return OURS.test(eventName ?? '') || OURS_IN_TEXT.test(body)
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
  const { severityNumber } = found
  if (typeof severityNumber === 'number') record.severityNumber = severityNumber
  return record
}

/** An object with a hidden class: one without prototype is a hash table, and slow to walk. */
function decodeKeyValues(value: unknown, depth = 0): { readonly [name: string]: unknown } {
  const decoded: { [name: string]: unknown } = {}
  for (const pair of Array.isArray(value) ? (value as readonly unknown[]) : []) {
    if (!isObject(pair)) continue
    const name = pair['key']
    if (typeof name !== 'string') continue
    const value = decodeAnyValue(pair['value'], depth)
    const held = decoded[name]
    const isHeld = held !== undefined && Object.hasOwn(decoded, name)
    setOwn(decoded, name, isHeld ? joinValues(held, value) : value)
  }
  return decoded
}

/** Names come from outside: no name may reach a prototype. */
function setOwn(target: { [name: string]: unknown }, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value
  else {
    const own = { value, writable: true, enumerable: true, configurable: true }
    Object.defineProperty(target, name, own)
  }
}

/** A name must be there once. Which of two a backend shows is its choice: one of them may differ. */
function joinValues(held: unknown, value: unknown): unknown {
  return JSON.stringify(held) === JSON.stringify(value) ? held : [held, value]
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

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
