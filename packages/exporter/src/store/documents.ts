import type { ExportedRecord, RecordSource } from '@tokentrail/ledger'
import { type Members, addOwn, isObject } from './own-member.ts'
import { isOurName, isOurText } from './own-text.ts'
import { readSeverity } from './severity.ts'
import { type Reading, NOTHING, unreadable } from './reading.ts'

type Json = { readonly [name: string]: unknown }

/** Deepest nesting of a document that is followed. */
const MAX_DEPTH = 16

/**
 * Where the exporters of the OpenTelemetry collector put a log record's body: Elasticsearch in the
 * mapping modes `otel` (`body.text`, earlier `body_text`), `ecs` (`message`) and `none` or `raw`
 * (`Body`), OpenSearch in its simple schema (`body`); `event.original` is ECS's own name for it,
 * `_raw` Splunk's, `body.stringValue` that of OTLP itself.
 */
const BODY_NAMES = [
  'body.text',
  'body_text',
  'message',
  'body',
  'Body',
  'event.original',
  '_raw',
  'body.stringValue',
]
const EVENT_NAMES = ['event_name', 'eventName', 'EventName', 'attributes.event.name']
const TRACE_NAMES = ['trace_id', 'traceId', 'TraceId', 'trace.id']
const SPAN_NAMES = ['span_id', 'spanId', 'SpanId', 'span.id']
const SEVERITY_NUMBERS = [
  'severity_number',
  'severityNumber',
  'SeverityNumber',
  'severity.number',
  'event.severity',
  'otel.log.severity.number',
]
const SEVERITY_TEXTS = [
  'severity_text',
  'severityText',
  'SeverityText',
  'severity.text',
  'otel.log.severity.text',
]
const SERVICE_NAMES = [
  'resource.attributes.service.name',
  'resource.service.name',
  'Resource.service.name',
  'service.name',
]

/** Beginnings of the names under which attributes stand apart from what a store added. */
const ATTRIBUTES = ['attributes.', 'Attributes.']

/** Names at the top of a document that nobody but us gives to anything. */
const OWN_NAME = /^(?:oauth\.|tokentrail\.|compliance\.|log\.record\.uid$|user\.hash$)/

/**
 * Reads one document of a store that keeps JSON documents, or one row of a table: the text of the
 * record, and of the copies beside it those that are certainly copies. A document without a text of
 * ours is somebody else's.
 */
export function readDocument(document: Json, source: RecordSource): Reading {
  const flat: Members = {}
  flatten(document, '', flat, 0)
  const bodies = [...new Set(BODY_NAMES.flatMap((name) => textsOf(flat[name])).filter(isOurText))]
  const [body, ...others] = bodies
  const eventName = firstText(flat, EVENT_NAMES)
  if (body === undefined) {
    if (!isOurName(eventName)) return NOTHING
    const [altered] = BODY_NAMES.flatMap((name) => textsOf(flat[name]))
    if (altered === undefined) return unreadable(source, 'a record whose body is no text')
    return { records: [{ body: altered, source }], problems: [] }
  }
  const severityNumber = readSeverity(firstOf(flat, SEVERITY_NUMBERS))
  const record: ExportedRecord = {
    body,
    attributes: pickAttributes(flat, body),
    ...pick('eventName', eventName),
    ...pick('timeUnixNano', toNanos(flat['@timestamp'])),
    ...pick('traceId', firstText(flat, TRACE_NAMES)),
    ...pick('spanId', firstText(flat, SPAN_NAMES)),
    ...pick('serviceName', firstText(flat, SERVICE_NAMES)),
    ...pick('severityText', firstText(flat, SEVERITY_TEXTS)),
    ...(severityNumber !== undefined && { severityNumber }),
    source,
  }
  return { records: [record, ...others.map((body) => ({ body, source }))], problems: [] }
}

/** Names with dots and objects in objects are the same to these stores. */
function flatten(value: Json, prefix: string, flat: Members, depth: number): void {
  for (const [name, member] of Object.entries(value)) {
    const path = prefix + name
    if (isObject(member) && depth < MAX_DEPTH) flatten(member, `${path}.`, flat, depth + 1)
    else if (member !== null && member !== '') addOwn(flat, path, member)
  }
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

function firstText(flat: Members, names: readonly string[]): string | undefined {
  for (const name of names) {
    const [text] = textsOf(flat[name])
    if (text !== undefined) return text
  }
  return undefined
}

/** The first of these that the document has; a list of one is its element. */
function firstOf(flat: Members, names: readonly string[]): unknown {
  const name = names.find((name) => Object.hasOwn(flat, name))
  const value = name === undefined ? undefined : flat[name]
  return Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value
}

function pick<Name extends string>(
  name: Name,
  value: string | undefined,
): { readonly [name in Name]?: string } {
  return value === undefined ? {} : ({ [name]: value } as { readonly [name in Name]: string })
}

/**
 * Attributes stand under `attributes.`; at the top, where a store and its pipelines add fields of
 * their own, only what is ours by name, or what the text has too, is taken for one.
 */
function pickAttributes(flat: Members, body: string): { readonly [name: string]: unknown } {
  const attributes: Members = {}
  for (const [path, value] of Object.entries(flat)) {
    const prefix = ATTRIBUTES.find((prefix) => path.startsWith(prefix))
    const name = prefix === undefined ? path : path.slice(prefix.length)
    // Splunk names the lists that it finds in the text `name{}`.
    if (name.endsWith('{}') || isMultiField(path, flat)) continue
    if (prefix !== undefined || OWN_NAME.test(name) || isInText(name, body)) {
      addOwn(attributes, name, value)
    }
  }
  return attributes
}

/** A search for `fields` gives a text twice, as dynamic mapping has indexed it twice. */
function isMultiField(path: string, flat: Members): boolean {
  return path.endsWith('.keyword') && Object.hasOwn(flat, path.slice(0, -'.keyword'.length))
}

/** Names without a dot are members of a record, which a store may use for something else. */
function isInText(name: string, body: string): boolean {
  return name.includes('.') && body.includes(`"${name}":`)
}

/**
 * Nanoseconds of a `@timestamp` as far as it has them, zeros behind. The collector writes
 * `<milliseconds>.<nanoseconds within>` without leading zeros, so a short fraction says nothing;
 * others write ISO 8601 or milliseconds.
 */
function toNanos(value: unknown): string | undefined {
  const text = typeof value === 'number' ? String(value) : (textsOf(value)[0] ?? '')
  const epoch = /^([0-9]{10,16})(?:\.([0-9]{1,6}))?$/.exec(text)
  if (epoch !== null) return epoch[1]! + (epoch[2]?.length === 6 ? epoch[2] : '000000')
  const iso = /^([0-9-]{10}T[0-9:]{8})(?:\.([0-9]{1,9}))?Z$/.exec(text)
  const millis = iso === null ? Number.NaN : Date.parse(`${iso[1]}Z`)
  if (Number.isNaN(millis)) return undefined
  return String(millis / 1000) + (iso![2] ?? '').padEnd(9, '0')
}
