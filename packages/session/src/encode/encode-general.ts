import { canonicalize, severityOf } from '@tokentrail/ledger'
import { boundAttributes } from './bound-attributes.ts'
import { MAX_RECORD_BYTES } from '../bounds.ts'
import { checkDraft } from './check-draft.ts'
import type { EncodedRecord } from './encoded-record.ts'
import { SessionError } from '../errors.ts'
import { projectAttributes } from '../decode/projection.ts'
import type { Attributes, RecordDraft, RecordValue } from '../record.ts'
import { utf8Length } from '../utf8.ts'

/** `"attributes":{},` */
const ATTRIBUTES_BYTES = 16

/** What stands in the OTLP LogRecord beside the canonical text. */
export interface WireFacts {
  readonly type: string
  readonly time: string
  readonly attributes: Attributes
  readonly trace?: string
  readonly span?: string
}

/**
 * Encodes any record: characters that need escapes, values over the bounds, members of its own.
 *
 * @throws {@link SessionError} `ERR_SESSION_DRAFT_INVALID`, `ERR_SESSION_RECORD_TOO_LARGE`.
 */
export function encodeGeneral(draft: RecordDraft, log: string, index: number): EncodedRecord {
  checkDraft(draft)
  let attributes = boundAttributes(draft.attributes ?? {}, MAX_RECORD_BYTES)
  let text = canonicalize(toMembers(draft, attributes, log, index))
  let bytes = utf8Length(text)
  if (bytes > MAX_RECORD_BYTES) {
    const bare = utf8Length(canonicalize(toMembers(draft, {}, log, index))) + ATTRIBUTES_BYTES
    attributes = boundAttributes(draft.attributes ?? {}, MAX_RECORD_BYTES - bare)
    text = canonicalize(toMembers(draft, attributes, log, index))
    bytes = utf8Length(text)
  }
  const { session, span, time, trace, type } = draft
  return toEncoded(text, bytes, {
    type,
    time,
    attributes: projectAttributes(attributes, session?.toWellFormed(), `${log}.${index}`),
    ...(trace === undefined ? {} : { trace }),
    ...(span === undefined ? {} : { span }),
  })
}

/**
 * Puts a canonical text into its OTLP/JSON LogRecord.
 *
 * @param bytes - Length of the text in UTF-8.
 * @throws {@link SessionError} `ERR_SESSION_RECORD_TOO_LARGE` for a text over 8,000 bytes.
 */
export function toEncoded(text: string, bytes: number, facts: WireFacts): EncodedRecord {
  const { attributes, span, time, trace, type } = facts
  if (bytes > MAX_RECORD_BYTES) {
    throw new SessionError(
      'ERR_SESSION_RECORD_TOO_LARGE',
      `record of type "${type}": ${bytes} bytes, at most ${MAX_RECORD_BYTES} are kept; give it less`,
    )
  }
  const severity = severityOf(type, attributes)
  const head = `{"timeUnixNano":"${time}","severityNumber":${severity},"eventName":"${type}","body":{"stringValue":"`
  const escaped = JSON.stringify(text).slice(1, -1)
  // An escape stands for ASCII and consists of it: what is longer than one byte stays as it is.
  const escapedBytes = escaped.length + bytes - text.length
  const ids =
    (trace === undefined ? '' : `,"traceId":"${trace}"`) +
    (span === undefined ? '' : `,"spanId":"${span}"`)
  const otlp = JSON.stringify(Object.entries(attributes).map(toKeyValue))
  return {
    text,
    json: `${head}${escaped}"},"attributes":${otlp}${ids}}`,
    textStart: head.length,
    textEnd: head.length + escapedBytes,
  }
}

function toKeyValue([key, value]: [string, Attributes[string]]): object {
  if (typeof value === 'string') return { key, value: { stringValue: value } }
  // proto3 JSON writes 64-bit integers as strings.
  if (typeof value === 'number') return { key, value: { intValue: String(value) } }
  if (typeof value === 'boolean') return { key, value: { boolValue: value } }
  return { key, value: { arrayValue: { values: value.map((stringValue) => ({ stringValue })) } } }
}

function toMembers(
  draft: RecordDraft,
  attributes: Attributes,
  log: string,
  index: number,
): { readonly [name: string]: RecordValue } {
  const { members, observed, session, span, time, trace, type } = draft
  return {
    v: 1,
    log,
    index,
    type,
    time,
    ...(observed === undefined ? {} : { observed }),
    ...(session === undefined ? {} : { session: session.toWellFormed() }),
    ...(trace === undefined ? {} : { trace }),
    ...(span === undefined ? {} : { span }),
    ...(Object.keys(attributes).length === 0 ? {} : { attributes }),
    ...(members === undefined ? {} : (toWellFormed(members) as typeof members)),
  }
}

/** RFC 8785 knows no lone surrogate, so every string of the draft's own members is repaired first. */
function toWellFormed(value: RecordValue): RecordValue {
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new SessionError(
      'ERR_SESSION_DRAFT_INVALID',
      'record draft: numbers must be integers of at most 2^53-1; write others as strings',
    )
  }
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(toWellFormed)
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.toWellFormed(), toWellFormed(member)]),
  )
}
