import { isUtf8 } from 'node:buffer'
import type { ExportedRecord, RecordSource } from '@tokentrail/ledger'
import { isObject } from './own-member.ts'
import { isOurName, isOurText } from './own-text.ts'
import { readServiceName } from './otlp-logs.ts'
import type { Reading } from './reading.ts'
import { hasRepeatedName } from './repeated-name.ts'

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

const SPACE = 0x20
const QUOTE = 0x22
const COMMA = 0x2c
const DOT = 0x2e
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

const RECORDS = '"logRecords":['
const NEXT_RECORD = ',{"timeUnixNano":"'
/** How nearly every canonical text begins and ends, the end as it stands in a JSON string. */
const TEXT_START = '{"attributes":{'
const TEXT_END = '\\"v\\":1}"'

/** Attributes that stand for members outside `attributes`, as they begin. */
const SESSION = '"oauth.session.id","value":{"stringValue":'
const UID = '"log.record.uid","value":{"stringValue":'

/** What a string must not have to stand for itself. */
// oxlint-disable-next-line no-control-regex -- JSON forbids just these
const NOT_PLAIN = /[\\\u0000-\u001f]/

/** Other members that are numbers or texts and mean nothing to a record. */
const PASSED_OVER = ['observedTimeUnixNano', 'flags', 'droppedAttributesCount']

/**
 * Reads lines of OTLP/JSON as the collector writes them, without building what stands in them: a
 * third of what `JSON.parse` and a walk over its result cost. The attributes are compared with the
 * text as they pass by, character by character; where they are the text's own, in its order, they
 * need not be given out. Whatever is not plainly so (a member twice, an unknown one, an escape, an
 * attribute that differs) is left to the slow way, which decides. One owner; one line at a time.
 */
export class OtlpLineScanner {
  /** The record that is read, and all behind it for the last of a line. */
  #line = ''
  #at = 0
  #body = ''
  /** Where in the body the next attribute must stand; 0 when it has none. */
  #attributeAt = 0
  /** Where in the body its members behind the attributes begin. */
  #membersAt = 0
  /** The last line without its records, and what its resource says. */
  #frame = ''
  #place: { readonly serviceName?: string } | undefined

  /** Reads a line; `undefined` when it is not plainly what the collector writes. */
  scan(line: Buffer, source: RecordSource): Reading | undefined {
    const found = line.indexOf(RECORDS)
    if (found < 1 || line[found - 1] === BACKSLASH || !isUtf8(line)) return undefined
    const start = found + RECORDS.length
    const records: Writable<ExportedRecord>[] = []
    const rest =
      line[start] === CLOSE_BRACKET ? start : this.#readRecords(line, start, records, source)
    if (rest === undefined) return undefined
    const place = this.#readFrame(line.toString('utf8', 0, start) + line.toString('utf8', rest))
    if (place === undefined) return undefined
    if (place.serviceName !== undefined) {
      for (const record of records) record.serviceName = place.serviceName
    }
    return { records, problems: [] }
  }

  /**
   * Reads records up to the end of their list, each decoded by itself: one that is not ASCII (the
   * notes of checkpoints are not) would make the text of all of them twice as wide.
   *
   * @returns Where the bracket behind them stands.
   */
  #readRecords(
    line: Buffer,
    start: number,
    records: Writable<ExportedRecord>[],
    source: RecordSource,
  ): number | undefined {
    for (let at = start; ;) {
      // No string holds this: its quotation marks would be escaped there.
      const next = line.indexOf(NEXT_RECORD, at + 1)
      const record: Writable<ExportedRecord> = { body: '', source }
      this.#line = line.toString('utf8', at, next < 0 ? undefined : next)
      this.#at = 0
      if (!this.#record(record)) return undefined
      if (isOurName(record.eventName) || isOurText(record.body)) records.push(record)
      if (next < 0) {
        const tail = this.#line.slice(this.#at)
        return tail.startsWith(']') ? line.length - Buffer.byteLength(tail) : undefined
      }
      if (this.#at !== this.#line.length) return undefined
      at = next + 1
    }
  }

  /** What is around the records must be one resource with one scope, and nothing else. */
  #readFrame(frame: string): { readonly serviceName?: string } | undefined {
    if (frame === this.#frame) return this.#place
    this.#frame = frame
    // Of two lists of one name the last would count.
    const isOne = frame.indexOf('logRecords') === frame.lastIndexOf('logRecords')
    this.#place = isOne ? parseFrame(frame) : undefined
    return this.#place
  }

  #record(record: Writable<ExportedRecord>): boolean {
    const line = this.#line
    if (line.charCodeAt(this.#at++) !== OPEN_BRACE) return false
    let hasBody = false
    let hasAttributes = false
    for (;;) {
      if (line.charCodeAt(this.#at) !== QUOTE) return false
      const end = line.indexOf('":', this.#at)
      const name = line.slice(this.#at + 1, end)
      this.#at = end + 2
      if (name === 'body') {
        if (hasBody || !this.#readBody(record)) return false
        hasBody = true
      } else if (name === 'attributes') {
        if (!hasBody || hasAttributes || !this.#readAttributes()) return false
        hasAttributes = true
      } else if (!this.#readMember(name, record)) return false
      const next = line.charCodeAt(this.#at++)
      if (next === CLOSE_BRACE) return hasBody
      if (next !== COMMA) return false
    }
  }

  #readMember(name: string, record: Writable<ExportedRecord>): boolean {
    const isText = this.#line.charCodeAt(this.#at) === QUOTE
    const value = isText ? this.#plainString() : this.#plainNumber()
    if (value === undefined) return false
    switch (name) {
      case 'timeUnixNano':
      case 'traceId':
      case 'spanId':
      case 'eventName':
      case 'severityText':
        if (!isText || record[name] !== undefined) return false
        if (value !== '') record[name] = value
        return true
      case 'severityNumber':
        if (isText || record.severityNumber !== undefined) return false
        record.severityNumber = Number(value)
        return true
      default:
        return PASSED_OVER.includes(name)
    }
  }

  #readBody(record: Writable<ExportedRecord>): boolean {
    const line = this.#line
    if (!line.startsWith('{"stringValue":"', this.#at)) return false
    const start = this.#at + 15
    const tail = line.indexOf(TEXT_END, start)
    const end = tail < 0 ? -1 : tail + TEXT_END.length
    if (end < 0 || line.charCodeAt(end) !== CLOSE_BRACE) return false
    try {
      // A quotation mark in between that ends the string would make this no JSON.
      this.#body = JSON.parse(line.slice(start, end)) as string
    } catch {
      return false
    }
    record.body = this.#body
    this.#attributeAt = this.#body.startsWith(TEXT_START) ? TEXT_START.length : 0
    this.#membersAt = 0
    this.#at = end + 1
    return true
  }

  #readAttributes(): boolean {
    const line = this.#line
    if (!line.startsWith('[{"key":"', this.#at)) return false
    this.#at++
    for (;;) {
      if (!line.startsWith('{"key":"', this.#at)) return false
      this.#at += 7
      if (!this.#isOwnAttribute() && !this.#isDerived()) return false
      if (line.charCodeAt(this.#at++) !== CLOSE_BRACE) return false
      const next = line.charCodeAt(this.#at++)
      if (next === CLOSE_BRACKET) return true
      if (next !== COMMA) return false
    }
  }

  /** Is this attribute the next one of the text? Where it is not, both places stay as they were. */
  #isOwnAttribute(): boolean {
    const [at, own] = [this.#at, this.#attributeAt]
    if (own === 0 || this.#body.charCodeAt(own) !== QUOTE) return false
    if (this.#isSameString() && this.#isSameValue()) {
      // A comma goes before the next one; behind the last there is none.
      const next = this.#body.charCodeAt(this.#attributeAt++)
      if (next === COMMA) return true
      this.#membersAt = this.#attributeAt
      this.#attributeAt = 0
      return next === CLOSE_BRACE
    }
    this.#at = at
    this.#attributeAt = own
    return false
  }

  #isSameValue(): boolean {
    const line = this.#line
    if (this.#body.charCodeAt(this.#attributeAt++) !== 0x3a) return false
    if (!line.startsWith(',"value":{"', this.#at)) return false
    this.#at += 9
    if (line.startsWith('{"arrayValue":{"values":[', this.#at)) {
      this.#at += 25
      return this.#isSameList() && this.#skip(']}}')
    }
    return this.#isSameScalar()
  }

  #isSameList(): boolean {
    if (this.#body.charCodeAt(this.#attributeAt++) !== 0x5b) return false
    for (;;) {
      if (!this.#isSameScalar()) return false
      const next = this.#line.charCodeAt(this.#at)
      const own = this.#body.charCodeAt(this.#attributeAt++)
      if (next === CLOSE_BRACKET) return own === CLOSE_BRACKET
      if (next !== COMMA || own !== COMMA) return false
      this.#at++
    }
  }

  /** Compares `{"stringValue":"…"}` and its like with the value in the text. */
  #isSameScalar(): boolean {
    const line = this.#line
    if (line.startsWith('{"stringValue":', this.#at)) {
      this.#at += 15
      return this.#isSameString() && this.#skip('}')
    }
    if (line.startsWith('{"intValue":"', this.#at)) {
      this.#at += 13
      return this.#isSameNumber() && this.#skip('"}')
    }
    for (const word of ['true', 'false']) {
      if (!line.startsWith(`{"boolValue":${word}}`, this.#at)) continue
      this.#at += 14 + word.length
      if (!this.#body.startsWith(word, this.#attributeAt)) return false
      this.#attributeAt += word.length
      return true
    }
    return false
  }

  /** Both strings as they are written, from quotation mark to quotation mark. */
  #isSameString(): boolean {
    const line = this.#line
    const body = this.#body
    let at = this.#at
    let own = this.#attributeAt
    if (line.charCodeAt(at) !== QUOTE || body.charCodeAt(own) !== QUOTE) return false
    for (;;) {
      const code = line.charCodeAt(++at)
      if (code !== body.charCodeAt(++own) || code === BACKSLASH || code < SPACE) return false
      if (code === QUOTE) break
    }
    this.#at = at + 1
    this.#attributeAt = own + 1
    return true
  }

  #isSameNumber(): boolean {
    const start = this.#at
    for (;;) {
      const code = this.#line.charCodeAt(this.#at)
      if (code < 0x30 || code > 0x39) break
      if (code !== this.#body.charCodeAt(this.#attributeAt++)) return false
      this.#at++
    }
    const next = this.#body.charCodeAt(this.#attributeAt)
    return this.#at > start && (next === COMMA || next === CLOSE_BRACE || next === CLOSE_BRACKET)
  }

  /** Is this one of the attributes that stand for members behind those of the text? */
  #isDerived(): boolean {
    const line = this.#line
    // Once all attributes have passed, the members that come behind them are next in the text.
    if (this.#attributeAt !== 0) return false
    if (line.startsWith(UID, this.#at)) {
      this.#at += UID.length
      return this.#isOwnUid() && this.#skip('}')
    }
    if (!line.startsWith(SESSION, this.#at)) return false
    this.#at += SESSION.length
    return this.#isOwnSession() && this.#skip('}')
  }

  /** `"<log>.<index>"`, where the text goes on with `,"index":<index>,"log":"<log>"`. */
  #isOwnUid(): boolean {
    const line = this.#line
    const body = this.#body
    const start = this.#membersAt
    if (start === 0) return this.#isUidOfBody()
    if (!body.startsWith(',"index":', start)) return false
    const comma = body.indexOf(',', start + 9)
    if (!body.startsWith(',"log":"', comma)) return false
    let own = comma + 8
    let at = this.#at + 1
    for (let code = body.charCodeAt(own); code !== QUOTE; code = body.charCodeAt(++own)) {
      if (code !== line.charCodeAt(at++) || code === BACKSLASH) return false
    }
    if (line.charCodeAt(this.#at) !== QUOTE || line.charCodeAt(at++) !== DOT) return false
    for (own = start + 9; own < comma; own++) {
      if (body.charCodeAt(own) !== line.charCodeAt(at++)) return false
    }
    this.#at = at + 1
    return line.charCodeAt(at) === QUOTE
  }

  /** The records of a log itself have no attributes; there are few of them. */
  #isUidOfBody(): boolean {
    try {
      const { log, index } = JSON.parse(this.#body) as { readonly [name: string]: unknown }
      return typeof log === 'string' && this.#plainString() === `${log}.${String(index)}`
    } catch {
      return false
    }
  }

  /** The session follows the log at once, unless the record was learned of later. */
  #isOwnSession(): boolean {
    const body = this.#body
    const start = this.#membersAt
    const comma = body.indexOf(',', start + 1)
    if (!body.startsWith(',"index":', start) || !body.startsWith(',"log":"', comma)) return false
    const end = body.indexOf('"', comma + 8)
    if (!body.startsWith('","session":"', end)) return false
    this.#attributeAt = end + 12
    const isSame = this.#isSameString()
    this.#attributeAt = 0
    return isSame
  }

  #skip(text: string): boolean {
    if (!this.#line.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  /** A string without escapes. */
  #plainString(): string | undefined {
    const end = this.#line.indexOf('"', this.#at + 1)
    if (end < 0 || this.#line.charCodeAt(this.#at) !== QUOTE) return undefined
    const value = this.#line.slice(this.#at + 1, end)
    this.#at = end + 1
    return NOT_PLAIN.test(value) ? undefined : value
  }

  #plainNumber(): string | undefined {
    const start = this.#at
    for (let code = this.#line.charCodeAt(start); code >= 0x30 && code <= 0x39;) {
      code = this.#line.charCodeAt(++this.#at)
    }
    const length = this.#at - start
    const isLong = length > 15 || (length > 1 && this.#line.charCodeAt(start) === 0x30)
    return length === 0 || isLong ? undefined : this.#line.slice(start, this.#at)
  }
}

function parseFrame(frame: string): { readonly serviceName?: string } | undefined {
  let data: unknown
  try {
    data = JSON.parse(frame)
  } catch {
    return undefined
  }
  if (hasRepeatedName(data, frame)) return undefined
  const resource = onlyOf(data, 'resourceLogs', ['resourceLogs'])
  const scope = onlyOf(resource, 'scopeLogs', ['resource', 'scopeLogs', 'schemaUrl'])
  const names = ['scope', 'logRecords', 'schemaUrl']
  if (!isObject(scope) || !Object.keys(scope).every((name) => names.includes(name)))
    return undefined
  const records = scope['logRecords']
  return Array.isArray(records) && records.length === 0 ? readServiceName(resource) : undefined
}

/** The one element of a list, in an object that has no members but these. */
function onlyOf(holder: unknown, name: string, names: readonly string[]): unknown {
  if (!isObject(holder) || !Object.keys(holder).every((key) => names.includes(key)))
    return undefined
  const list = holder[name]
  return Array.isArray(list) && list.length === 1 ? (list[0] as unknown) : undefined
}
