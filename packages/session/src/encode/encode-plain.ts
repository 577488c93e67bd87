import { severityOf } from '@tokentrail/ledger'
import { MAX_RECORD_BYTES, MAX_SESSION_LENGTH, UNIX_NANOS } from '../bounds.ts'
import type { EncodedRecord } from './encoded-record.ts'
import {
  type AttributeSpelling,
  createSpelling,
  fragmentOf,
  isAttributeName,
  isPlain,
} from './fragment.ts'
import { createLru } from '../lru.ts'
import type { Attributes, RecordDraft } from '../record.ts'
import { isSpanId, isTraceId } from '../request/trace-context.ts'

/** Encodes a record, or gives undefined for one that is not plain. */
export type PlainEncoder = (draft: RecordDraft, index: number) => EncodedRecord | undefined

/** All attributes of a record in three spellings, and what of its head depends on nothing else. */
interface Joined {
  readonly type: string
  readonly severity: number
  readonly text: string
  readonly escaped: string
  readonly otlp: string
}

/** Most attribute names that an encoder remembers the spelling of. */
const MAX_SPELLINGS = 512

/** Most attributes that are remembered as a whole, about 2 kB each. */
const MAX_JOININGS = 1_024

/**
 * Creates the hot path of an encoder: printable ASCII within bounds, and no members of its own,
 * which is nearly every request. The three spellings grow side by side, so that nothing is scanned
 * for escapes twice: 2.5 µs a request record, where `JSON.stringify` of the text alone takes 1.
 *
 * @param log - Origin of the log, which needs no escape.
 */
export function createPlainEncoder(log: string): PlainEncoder {
  const spellings = new Map<string, AttributeSpelling>()
  const joinings = createLru<Attributes, Joined>(MAX_JOININGS)
  const logText = `,"log":"${log}"`
  const logEscaped = `,\\"log\\":\\"${log}\\"`
  const uid = `{"key":"log.record.uid","value":{"stringValue":"${log}.`

  function spellingOf(name: string): AttributeSpelling | undefined {
    const known = spellings.get(name)
    if (known !== undefined) return known
    if (!isAttributeName(name)) return undefined
    const spelling = createSpelling(name)
    if (spellings.size < MAX_SPELLINGS) spellings.set(name, spelling)
    return spelling
  }

  /** The recorder hands over the same attributes for requests that are alike: those are frozen. */
  function joinedOf(attributes: Attributes, type: string): Joined | undefined {
    const known = joinings.get(attributes)
    if (known?.type === type) return known
    const joined = isAttributeName(type) ? joinAttributes(attributes, type) : undefined
    if (joined !== undefined && isDeeplyFrozen(attributes)) joinings.set(attributes, joined)
    return joined
  }

  function joinAttributes(attributes: Attributes, type: string): Joined | undefined {
    let text = ''
    let escaped = ''
    let otlp = ''
    for (const name of sortedNames(attributes)) {
      const spelling = spellingOf(name)
      const value = attributes[name]
      if (spelling === undefined || value === undefined) return undefined
      if (typeof value === 'string' && spelling.fragments === undefined) {
        if (!isPlain(value)) return undefined
        text += spelling.text + value + '"'
        escaped += spelling.escaped + value + '\\"'
        otlp += spelling.otlp + value + '"}}'
        continue
      }
      const fragment = fragmentOf(spelling, value)
      if (fragment === undefined) return undefined
      text += fragment.text
      escaped += fragment.escaped
      otlp += fragment.otlp
    }
    if (text === '') return undefined
    // A slice is flat, where what was put together is a rope that every record would walk again.
    return {
      type,
      severity: severityOf(type, attributes),
      text: text.slice(1),
      escaped: escaped.slice(1),
      otlp: otlp.slice(1),
    }
  }

  return (draft, index) => {
    const { observed, session, span, time, trace, type } = draft
    if (draft.attributes === undefined || draft.members !== undefined) return undefined
    if (!isPlainFrame(draft)) return undefined
    const joined = joinedOf(draft.attributes, type)
    if (joined === undefined) return undefined

    let text = `{"attributes":{${joined.text}},"index":${index}${logText}`
    let escaped = `{\\"attributes\\":{${joined.escaped}},\\"index\\":${index}${logEscaped}`
    let otlp = `${uid}${index}"}},${joined.otlp}`
    let ids = ''
    if (observed !== undefined) {
      text += `,"observed":"${observed}"`
      escaped += `,\\"observed\\":\\"${observed}\\"`
    }
    if (session !== undefined) {
      text += `,"session":"${session}"`
      escaped += `,\\"session\\":\\"${session}\\"`
      otlp += `,{"key":"oauth.session.id","value":{"stringValue":"${session}"}}`
    }
    if (span !== undefined) {
      text += `,"span":"${span}"`
      escaped += `,\\"span\\":\\"${span}\\"`
      ids = `,"spanId":"${span}"`
    }
    text += `,"time":"${time}"`
    escaped += `,\\"time\\":\\"${time}\\"`
    if (trace !== undefined) {
      text += `,"trace":"${trace}"`
      escaped += `,\\"trace\\":\\"${trace}\\"`
      ids = `,"traceId":"${trace}"${ids}`
    }
    text += `,"type":"${type}","v":1}`
    if (text.length > MAX_RECORD_BYTES) return undefined
    escaped += `,\\"type\\":\\"${type}\\",\\"v\\":1}`

    const head = `{"timeUnixNano":"${time}","severityNumber":${joined.severity},"eventName":"${type}","body":{"stringValue":"`
    return {
      text,
      json: `${head}${escaped}"},"attributes":[${otlp}]${ids}}`,
      textStart: head.length,
      textEnd: head.length + escaped.length,
    }
  }
}

/** What may still change would be recorded as it was before. */
function isDeeplyFrozen(attributes: Attributes): boolean {
  if (!Object.isFrozen(attributes)) return false
  return Object.values(attributes).every((value) => Object.isFrozen(value))
}

/** RFC 8785 §3.2.3 sorts by UTF-16 units, as `<` and `sort` do; a recorder's drafts come sorted. */
function sortedNames(attributes: Attributes): readonly string[] {
  const names = Object.keys(attributes)
  for (let at = 1; at < names.length; at++) {
    if ((names[at - 1] ?? '') > (names[at] ?? '')) return names.sort()
  }
  return names
}

function isPlainFrame({ observed, session, span, time, trace }: RecordDraft): boolean {
  return (
    UNIX_NANOS.test(time) &&
    (observed === undefined || UNIX_NANOS.test(observed)) &&
    (session === undefined || isPlainSession(session)) &&
    (trace === undefined || isTraceId(trace)) &&
    (span === undefined || isSpanId(span))
  )
}

function isPlainSession(session: string): boolean {
  return session !== '' && session.length <= MAX_SESSION_LENGTH && isPlain(session)
}
