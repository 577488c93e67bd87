import { encodeText, sortNames } from './canonical-text.ts'
import type { Encoded } from './json-payload.ts'
import type { SampleRecord } from '../request-record.ts'

// opentelemetry-proto logs/v1 LogRecord and common/v1 AnyValue, KeyValue: field number and wire type.
const TIME = (1 << 3) | 1
const SEVERITY_NUMBER = (2 << 3) | 0
const BODY = (5 << 3) | 2
const ATTRIBUTES = (6 << 3) | 2
const TRACE_ID = (9 << 3) | 2
const SPAN_ID = (10 << 3) | 2
const OBSERVED_TIME = (11 << 3) | 1
const EVENT_NAME = (12 << 3) | 2
const STRING_VALUE = (1 << 3) | 2
const BOOL_VALUE = (2 << 3) | 0
const INT_VALUE = (3 << 3) | 0
const ARRAY_VALUE = (5 << 3) | 2
const FIRST = (1 << 3) | 2
const SECOND = (2 << 3) | 2

// Attribute names are few: what stands before a value is made once per name.
const keys = new Map<string, Buffer>()

function keyOf(name: string): Buffer {
  let key = keys.get(name)
  if (key === undefined) {
    key = Buffer.concat([
      Buffer.from([FIRST, name.length]),
      Buffer.from(name),
      Buffer.from([SECOND]),
    ])
    keys.set(name, key)
  }
  return key
}

/** OTLP LogRecord in protobuf, in one pass. Returns the text and the end of the bytes written. */
export function writeProtobuf(record: SampleRecord, target: Buffer, start: number): Encoded {
  const names = sortNames(record)
  const text = encodeText(record, names)
  let at = writeTime(target, start, TIME, record.time)
  target[at++] = SEVERITY_NUMBER
  target[at++] = 9
  at = writeBody(target, at, text)
  for (const name of names) at = writeAttribute(target, at, name, record.attributes[name])
  at = writeAttribute(target, at, 'oauth.session.id', record.session)
  at = writeAttribute(target, at, 'log.record.uid', `${record.log}.${record.index}`)
  at = writeHex(target, at, TRACE_ID, record.trace)
  at = writeHex(target, at, SPAN_ID, record.span)
  at = writeTime(target, at, OBSERVED_TIME, record.time)
  target[at++] = EVENT_NAME
  return { text, end: writeString(target, at, record.type) }
}

const REQUEST_HEAD = buildHead()

/** Request body of one batch: every frame gets its tag and length, the nested messages theirs. */
export function joinProtobuf(frames: readonly Buffer[]): Buffer {
  const records = frames.reduce(
    (sum, frame) => sum + 1 + varintSize(frame.length) + frame.length,
    0,
  )
  const scopeLogs = REQUEST_HEAD.scope.length + records
  const resourceLogs = REQUEST_HEAD.resource.length + 1 + varintSize(scopeLogs) + scopeLogs
  const target = Buffer.allocUnsafe(1 + varintSize(resourceLogs) + resourceLogs)
  target[0] = FIRST
  let at = writeVarint(target, 1, resourceLogs)
  at += REQUEST_HEAD.resource.copy(target, at)
  target[at++] = SECOND
  at = writeVarint(target, at, scopeLogs)
  at += REQUEST_HEAD.scope.copy(target, at)
  for (const frame of frames) {
    target[at++] = SECOND
    at = writeVarint(target, at, frame.length)
    at += frame.copy(target, at)
  }
  return target
}

function buildHead(): { resource: Buffer; scope: Buffer } {
  const attribute = Buffer.alloc(64)
  // Resource.attributes is field 1, LogRecord.attributes field 6; the rest of the message is equal.
  const end = writeAttribute(attribute, 0, 'service.name', 'orders-api')
  attribute[0] = FIRST
  const scopeName = Buffer.from('@tokentrail/instrumentation')
  const version = Buffer.from('0.1.0')
  const scope = Buffer.concat([
    Buffer.from([FIRST, scopeName.length]),
    scopeName,
    Buffer.from([SECOND, version.length]),
    version,
  ])
  return {
    resource: Buffer.concat([Buffer.from([FIRST, end]), attribute.subarray(0, end)]),
    scope: Buffer.concat([Buffer.from([FIRST, scope.length]), scope]),
  }
}

function writeTime(target: Buffer, at: number, tag: number, nanos: string): number {
  target[at] = tag
  return target.writeBigUInt64LE(BigInt(nanos), at + 1)
}

function writeHex(target: Buffer, at: number, tag: number, hex: string): number {
  target[at] = tag
  target[at + 1] = hex.length / 2
  return at + 2 + target.write(hex, at + 2, 'hex')
}

function writeBody(target: Buffer, start: number, text: string): number {
  const length = Buffer.byteLength(text)
  target[start] = BODY
  let at = writeVarint(target, start + 1, 1 + varintSize(length) + length)
  target[at++] = STRING_VALUE
  at = writeVarint(target, at, length)
  return at + target.write(text, at, 'utf8')
}

/** Lengths are known only afterwards: every attribute stays below 128 bytes, or is moved. */
function writeAttribute(
  target: Buffer,
  start: number,
  name: string,
  value: SampleRecord['attributes'][string] | undefined,
): number {
  target[start] = ATTRIBUTES
  const key = keyOf(name)
  target.set(key, start + 2)
  const lengthAt = start + 2 + key.length
  const end = closeLength(target, lengthAt, writeAnyValue(target, lengthAt + 1, value))
  return closeLength(target, start + 1, end)
}

function writeAnyValue(
  target: Buffer,
  start: number,
  value: SampleRecord['attributes'][string] | undefined,
): number {
  let at = start
  if (typeof value === 'string') {
    target[at++] = STRING_VALUE
    return writeString(target, at, value)
  }
  if (typeof value === 'number') {
    target[at++] = INT_VALUE
    return writeVarint(target, at, value)
  }
  if (typeof value === 'boolean') {
    target[at++] = BOOL_VALUE
    target[at++] = value ? 1 : 0
    return at
  }
  target[at++] = ARRAY_VALUE
  const lengthAt = at++
  for (const item of value ?? []) {
    target[at++] = FIRST
    const itemAt = at++
    target[at++] = STRING_VALUE
    at = closeLength(target, itemAt, writeString(target, at, item))
  }
  return closeLength(target, lengthAt, at)
}

function writeString(target: Buffer, start: number, text: string): number {
  return closeLength(target, start, start + 1 + target.write(text, start + 1, 'utf8'))
}

/** Fills in a length that one byte was left for; a longer message is moved by what is missing. */
function closeLength(target: Buffer, at: number, end: number): number {
  const length = end - at - 1
  const more = varintSize(length) - 1
  if (more > 0) target.copyWithin(at + 1 + more, at + 1, end)
  writeVarint(target, at, length)
  return end + more
}

function writeVarint(target: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  while (rest > 127) {
    target[at++] = (rest & 127) | 128
    rest = Math.floor(rest / 128)
  }
  target[at] = rest
  return at + 1
}

function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest > 127; rest = Math.floor(rest / 128)) size += 1
  return size
}
