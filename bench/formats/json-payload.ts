import { encodeText, quote, sortNames } from './canonical-text.ts'
import type { SampleRecord } from '../request-record.ts'

/** A record's canonical text, for its leaf hash, and where its LogRecord ends in the target. */
export interface Encoded {
  readonly text: string
  readonly end: number
}

/** What stands before the value of an attribute: in the text, in the escaped text, in OTLP. */
interface Key {
  readonly text: string
  readonly body: string
  readonly otlp: string
}

// Attribute names are few: what stands before a value is made once per name.
const keys = new Map<string, Key>()

function keyOf(name: string): Key {
  let key = keys.get(name)
  if (key === undefined) {
    key = { text: `"${name}":`, body: `\\"${name}\\":`, otlp: `{"key":"${name}","value":` }
    keys.set(name, key)
  }
  return key
}

/** Escapes JSON a second time, as the value of `body.stringValue`. */
function escape(json: string): string {
  return JSON.stringify(json).slice(1, -1)
}

/**
 * OTLP LogRecord in JSON. One pass builds the text, the text as it stands escaped in the body, and
 * the attributes; escaping the finished text would read its 730 bytes again. Returns the text and
 * the end of the bytes written.
 */
export function writeJson(record: SampleRecord, target: Buffer, offset: number): Encoded {
  let text = '{"attributes":{'
  let body = '{\\"attributes\\":{'
  let otlp = ''
  for (const name of sortNames(record)) {
    const key = keyOf(name)
    const value = record.attributes[name]
    const comma = otlp === '' ? '' : ','
    const json = typeof value === 'string' ? quote(value) : JSON.stringify(value)
    text += comma + key.text + json
    body += comma + key.body + (isPlain(value, json) ? escapePlain(value, json) : escape(json))
    otlp += `${key.otlp}${anyValue(value, json)}},`
  }
  const { index, log, session, span, time, trace, type } = record
  text += `},"index":${index},"log":"${log}","session":"${session}","span":"${span}","time":"${time}","trace":"${trace}","type":"${type}","v":1}`
  body += `},\\"index\\":${index},\\"log\\":\\"${log}\\",\\"session\\":\\"${session}\\",\\"span\\":\\"${span}\\",\\"time\\":\\"${time}\\",\\"trace\\":\\"${trace}\\",\\"type\\":\\"${type}\\",\\"v\\":1}`
  const json = `{"timeUnixNano":"${time}","severityNumber":9,"eventName":"${type}","body":{"stringValue":"${body}"},"attributes":[${otlp}{"key":"oauth.session.id","value":{"stringValue":"${session}"}},{"key":"log.record.uid","value":{"stringValue":"${log}.${index}"}}],"traceId":"${trace}","spanId":"${span}"}`
  return { text, end: offset + target.write(json, offset, 'utf8') }
}

/** The same bytes by JSON.stringify of the whole object: the obvious way. */
export function writeJsonByStringify(
  record: SampleRecord,
  target: Buffer,
  offset: number,
): Encoded {
  const names = sortNames(record)
  const text = encodeText(record, names)
  const attributes = names.map((key) => ({ key, value: anyValueObject(record.attributes[key]) }))
  attributes.push({ key: 'oauth.session.id', value: { stringValue: record.session } })
  attributes.push({
    key: 'log.record.uid',
    value: { stringValue: `${record.log}.${record.index}` },
  })
  const json = JSON.stringify({
    timeUnixNano: record.time,
    severityNumber: 9,
    eventName: record.type,
    body: { stringValue: text },
    attributes,
    traceId: record.trace,
    spanId: record.span,
  })
  return { text, end: offset + target.write(json, offset, 'utf8') }
}

const BATCH_HEAD = Buffer.from(
  '{"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"orders-api"}}]},"scopeLogs":[{"scope":{"name":"@tokentrail/instrumentation","version":"0.1.0"},"logRecords":[',
)
const BATCH_TAIL = Buffer.from(']}]}]}')
const COMMA = Buffer.from(',')

/** Request body of one batch: frames joined by commas, nothing parsed. */
export function joinJson(frames: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [BATCH_HEAD]
  for (const [index, frame] of frames.entries()) {
    if (index > 0) parts.push(COMMA)
    parts.push(frame)
  }
  parts.push(BATCH_TAIL)
  return Buffer.concat(parts)
}

type Value = SampleRecord['attributes'][string] | undefined

/** Whether a value's JSON holds no backslash, and no quote but those around a string. */
function isPlain(value: Value, json: string): boolean {
  return typeof value === 'string' ? json.length === value.length + 2 : typeof value !== 'object'
}

function escapePlain(value: Value, json: string): string {
  return typeof value === 'string' ? `\\"${value}\\"` : json
}

function anyValue(value: Value, json: string): string {
  if (typeof value === 'string') return `{"stringValue":${json}}`
  if (typeof value === 'number') return `{"intValue":"${value}"}`
  if (typeof value === 'boolean') return `{"boolValue":${value}}`
  const items = (value ?? []).map((item) => `{"stringValue":${quote(item)}}`)
  return `{"arrayValue":{"values":[${items.join(',')}]}}`
}

function anyValueObject(value: Value): object {
  if (typeof value === 'string') return { stringValue: value }
  if (typeof value === 'number') return { intValue: String(value) }
  if (typeof value === 'boolean') return { boolValue: value }
  return { arrayValue: { values: (value ?? []).map((item) => ({ stringValue: item })) } }
}
