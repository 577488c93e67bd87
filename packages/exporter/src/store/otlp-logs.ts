import type { ExportedRecord, RecordSource } from '@tokentrail/ledger'
import { addOwn, isObject, type Members } from './own-member.ts'
import { isOurName, isOurText } from './own-text.ts'
import { readField, readList, type FieldName } from './proto-names.ts'
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

/** Stands for several members of one AnyValue (proto3 `oneof`), of which each reader takes its own. */
const AMBIGUOUS = 'more than one value'

/** Stands for a list or object where a scalar belongs. */
const NO_SCALAR = 'not a scalar'

/** The members of an AnyValue that are no objects. */
const SCALARS = ['stringValue', 'boolValue', 'intValue', 'doubleValue', 'bytesValue'] as const
const VALUES: readonly FieldName[] = [...SCALARS, 'arrayValue', 'kvlistValue']

/** Names of the other signals, which stand in exports too and are none of our business. */
const OTHER_SIGNALS = ['resourceSpans', 'resourceMetrics', 'resourceProfiles'] as const

/** Tells whether a JSON value is OTLP data of any signal. */
export function isOtlp(value: Json): boolean {
  return (
    readField(value, 'resourceLogs') !== undefined || OTHER_SIGNALS.some((name) => name in value)
  )
}

/**
 * Reads one OTLP/JSON `LogsData` (opentelemetry-proto `logs.proto`, proto3 JSON). Log records of
 * others are passed over, ours are returned in their order.
 */
export function readOtlp(data: Json, source: RecordSource): Reading {
  const resourceLogs = readField(data, 'resourceLogs')
  if (resourceLogs === undefined) return NOTHING
  if (!Array.isArray(resourceLogs)) return unreadable(source, 'not OTLP logs: no "resourceLogs"')
  const records: ExportedRecord[] = []
  const problems: Problem[] = []
  for (const resource of readList(data, 'resourceLogs')) {
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
    return isOurName(readField(found, 'eventName')) || holdsOurText(found['body'])
      ? 'a record whose body is no text'
      : undefined
  }
  return isOurName(record.eventName) || isOurText(record.body) ? record : undefined
}

function readText(body: unknown): string | undefined {
  if (!isObject(body) || nameOfValue(body) !== 'stringValue') return undefined
  const text = readField(body, 'stringValue')
  return typeof text === 'string' ? text : undefined
}

/** A text of ours may be one value of several. */
function holdsOurText(body: unknown): boolean {
  const texts = isObject(body) ? [readField(body, 'stringValue')].flat() : []
  return texts.some((text) => typeof text === 'string' && isOurText(text))
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

function listOf(holder: unknown, name: 'scopeLogs' | 'logRecords'): readonly unknown[] {
  return isObject(holder) ? readList(holder, name) : []
}

function toExported(
  found: Json,
  place: Pick<ExportedRecord, 'serviceName' | 'source'>,
): ExportedRecord | undefined {
  const body = readText(found['body'])
  if (body === undefined) return undefined
  const record: Writable<ExportedRecord> = {
    body,
    attributes: decodeKeyValues(found['attributes']),
    ...place,
  }
  for (const name of TEXT_MEMBERS) {
    const value = readField(found, name)
    // One that cannot be one differs from all of them.
    if (typeof value === 'string') {
      if (value !== '') record[name] = value
    } else if (value !== undefined) record[name] = String(toScalar(value))
  }
  const severityNumber = readSeverity(readField(found, 'severityNumber'))
  if (severityNumber !== undefined) record.severityNumber = severityNumber
  return record
}

/**
 * An object with a hidden class: one without prototype is a hash table, and slow to walk. A map in
 * place of the list is no OTLP, and means to who takes it all the same what it says.
 */
function decodeKeyValues(value: unknown, depth = 0): { readonly [name: string]: unknown } {
  const decoded: Members = {}
  for (const pair of Array.isArray(value) ? (value as readonly unknown[]) : []) {
    if (!isObject(pair)) continue
    const name = pair['key']
    if (typeof name !== 'string') continue
    addOwn(decoded, name, decodeAnyValue(pair['value'], depth))
  }
  if (isObject(value))
    for (const name of Object.keys(value)) addOwn(decoded, name, toScalar(value[name]))
  return decoded
}

function decodeAnyValue(value: unknown, depth: number): unknown {
  if (!isObject(value)) return undefined
  if (depth > MAX_DEPTH) return TOO_DEEP
  const name = nameOfValue(value)
  if (name === undefined || name === AMBIGUOUS) return name
  const held = readField(value, name)
  if (name === 'intValue') return decodeInt(held)
  if (name === 'kvlistValue') return decodeKeyValues(valuesOf(held), depth + 1)
  if (name !== 'arrayValue') return toScalar(held)
  const items = valuesOf(held)
  return Array.isArray(items) ? items.map((item) => decodeAnyValue(item, depth + 1)) : []
}

function valuesOf(list: unknown): unknown {
  return isObject(list) ? list['values'] : undefined
}

function toScalar(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? NO_SCALAR : value
}

/** Which member an AnyValue has; nearly all have one, under its usual name. */
function nameOfValue(value: Json): FieldName | typeof AMBIGUOUS | undefined {
  const [name, ...others] = Object.keys(value)
  const usual = others.length === 0 ? VALUES.find((one) => one === name) : undefined
  if (usual !== undefined) return readField(value, usual) === undefined ? undefined : usual
  const found = VALUES.filter((one) => readField(value, one) !== undefined)
  return found.length > 1 ? AMBIGUOUS : found[0]
}

/** An int64 is decimal in a string in proto3 JSON; some write a number. */
function decodeInt(value: unknown): unknown {
  if (typeof value !== 'number' && !(typeof value === 'string' && DECIMAL.test(value))) {
    return typeof value === 'string' ? value : NO_SCALAR
  }
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

const DECIMAL = /^-?[0-9]+$/
