import type { RecordSource } from '@tokentrail/ledger'
import { readDocument } from './documents.ts'
import { isOtlp, readOtlp } from './otlp-logs.ts'
import { isObject } from './own-member.ts'
import { isOurName, isOurText } from './own-text.ts'
import { hasRepeatedName } from './repeated-name.ts'
import { type Reading, NOTHING, joinReadings, unreadable } from './reading.ts'

type Json = { readonly [name: string]: unknown }

/** First members of the lines that Elasticsearch's bulk format puts before documents. */
const BULK_ACTIONS = new Set(['index', 'create', 'update', 'delete'])

/** Said of a value that has none of the shapes that are read. */
const UNKNOWN_SHAPE = 'not a shape of an export that holds log records'

/** Tells whether a value is an event as Splunk's HTTP Event Collector takes it. */
export function isHecEvent(value: unknown): boolean {
  return isObject(value) && 'event' in value && !('body' in value) && !('message' in value)
}

/**
 * Reads one JSON value of an export: OTLP data; a canonical record itself; a hit, or a search
 * response, of Elasticsearch or OpenSearch, or a document out of one; a row, or a response, of
 * Splunk; an event as Splunk's HTTP Event Collector takes it; a text of ours as a JSON string.
 *
 * @param text - The value as it stood: of a canonical record it is what was hashed.
 */
export function readValue(value: unknown, text: string, source: RecordSource): Reading {
  const reading = readShape(value, text, source)
  // The text of a record itself is canonical, or the verifier says that it is not.
  if (typeof value === 'string' || (isObject(value) && isRecord(value))) return reading
  if (!hasRepeatedName(value, text)) return reading
  return joinReadings([reading, unreadable(source, 'a member twice in one JSON object')])
}

function readShape(value: unknown, text: string, source: RecordSource): Reading {
  if (typeof value === 'string') {
    if (!isOurText(value)) return unreadable(source, UNKNOWN_SHAPE)
    return { records: [{ body: value, source }], problems: [] }
  }
  if (!isObject(value)) return unreadable(source, 'not a JSON object')
  if (isOtlp(value)) return readOtlp(value, source)
  if (isRecord(value)) return { records: [{ body: text, source }], problems: [] }
  return (
    readSearchResponse(value, source) ??
    readHit(value, source) ??
    readSplunk(value, source) ??
    readBareDocument(value, source)
  )
}

function isRecord({ log, type, time }: Json): boolean {
  return isOurName(type) && typeof log === 'string' && typeof time === 'string'
}

function readSearchResponse(value: Json, source: RecordSource): Reading | undefined {
  const { hits, timed_out: timedOut, _shards: shards } = value
  const list = isObject(hits) ? hits['hits'] : undefined
  if (!Array.isArray(list)) return undefined
  const readings = list.map((hit) =>
    isObject(hit)
      ? (readHit(hit, source) ?? unreadable(source, 'a hit without its document'))
      : unreadable(source, 'a hit that is no JSON object'),
  )
  const isFailed = isObject(shards) && typeof shards['failed'] === 'number' && shards['failed'] > 0
  if (timedOut === true || isFailed) {
    readings.push(unreadable(source, 'a search that timed out or failed on a shard'))
  }
  return joinReadings(readings)
}

/** A hit has the document, or the fields that were asked for, each of them a list. */
function readHit(hit: Json, source: RecordSource): Reading | undefined {
  if (!('_index' in hit) && !('_source' in hit)) return undefined
  const document = hit['_source'] ?? hit['fields']
  if (isObject(document)) return readDocument(document, source)
  return unreadable(source, 'a hit without its document')
}

function readSplunk(value: Json, source: RecordSource): Reading | undefined {
  const { result, results, messages, preview, event, fields } = value
  if (isObject(result)) return readDocument(result, source)
  if (isHecEvent(value)) {
    if (typeof event !== 'string') return readEventObject(event, source)
    const place = { ...(isObject(fields) && fields), _raw: event }
    return readDocument(place, source)
  }
  if (Array.isArray(results)) {
    const rows = results.map((row) =>
      isObject(row) ? readDocument(row, source) : unreadable(source, 'a row that is no object'),
    )
    return joinReadings([...rows, readMessages(messages, source)])
  }
  if (preview !== undefined || Array.isArray(messages)) return readMessages(messages, source)
  return undefined
}

/** An event that was sent as an object: its text is gone, and cannot be had again. */
function readEventObject(event: unknown, source: RecordSource): Reading {
  const isOurs = isObject(event) && isRecord(event)
  return isOurs ? unreadable(source, 'a record whose body is no text') : NOTHING
}

function readMessages(messages: unknown, source: RecordSource): Reading {
  const isFailed =
    Array.isArray(messages) &&
    messages.some(
      (message) => isObject(message) && /^(?:FATAL|ERROR)$/.test(String(message['type'])),
    )
  return isFailed ? unreadable(source, 'a search that ended with an error') : NOTHING
}

/** A document without its hit: one must have a text of ours, or nothing says what it is. */
function readBareDocument(value: Json, source: RecordSource): Reading {
  const reading = readDocument(value, source)
  if (reading !== NOTHING) return reading
  const [name, ...others] = Object.keys(value)
  const isAction = others.length === 0 && name !== undefined && BULK_ACTIONS.has(name)
  if (isAction && isObject(value[name])) return NOTHING
  return unreadable(source, UNKNOWN_SHAPE)
}
