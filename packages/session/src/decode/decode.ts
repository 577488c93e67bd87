import { MAX_NAME_LENGTH, MAX_SESSION_LENGTH, NAME, UNIX_NANOS } from '../bounds.ts'
import { parseCanonical } from './canonical-text.ts'
import { LAYOUT, MEMBER } from '../encode/check-draft.ts'
import { SessionError } from '../errors.ts'
import { isAttributeName } from '../encode/fragment.ts'
import type { Attributes, RecordDraft, RecordValue } from '../record.ts'
import { isSpanId, isTraceId } from '../request/trace-context.ts'

/** A record read back from its canonical text; encoding it again gives the same text. */
export interface DecodedRecord extends RecordDraft {
  /** Version of the layout. */
  readonly v: 1
  /** Origin of the log that the record stands in. */
  readonly log: string
  /** Leaf index in that log. */
  readonly index: number
  /** Empty when the text has none. Without a prototype, so that no name is there by inheritance. */
  readonly attributes: Attributes
}

/**
 * Reads a canonical text. Safe for text from anywhere: it must be RFC 8785 to the byte, so that one
 * record has one text; at most 8,000 bytes; and every member must have the form that the layout
 * gives it. That the text is in a log is for the ledger to prove.
 *
 * @throws {@link SessionError} `ERR_SESSION_RECORD_MALFORMED`, naming the member; never quoting it.
 */
export function decodeRecord(text: string): DecodedRecord {
  const members = parseCanonical(text)
  if (members.get('v') !== 1) throw malformed('v', '1, the layout that this version reads')
  const draft = {
    v: 1 as const,
    log: readString(members, 'log'),
    index: readIndex(members.get('index')),
    type: readType(members.get('type')),
    time: readMatching(members, 'time', 'nanoseconds since 1970, decimal', isUnixNanos),
    attributes: readAttributes(members.get('attributes')),
  }
  return Object.freeze({ ...draft, ...readOptional(members), ...readMembers(members) })
}

function readOptional(
  members: ReadonlyMap<string, RecordValue>,
): Pick<RecordDraft, 'observed' | 'session' | 'trace' | 'span'> {
  return {
    ...(members.has('observed')
      ? { observed: readMatching(members, 'observed', 'nanoseconds since 1970', isUnixNanos) }
      : {}),
    ...(members.has('session')
      ? { session: readMatching(members, 'session', '1 to 256 characters', isSession) }
      : {}),
    ...(members.has('trace')
      ? { trace: readMatching(members, 'trace', '32 hex digits', isTraceId) }
      : {}),
    ...(members.has('span')
      ? { span: readMatching(members, 'span', '16 hex digits', isSpanId) }
      : {}),
  }
}

function readMembers(members: ReadonlyMap<string, RecordValue>): Pick<RecordDraft, 'members'> {
  const own = [...members].filter(([name]) => !LAYOUT.has(name))
  for (const [name] of own) {
    if (!MEMBER.test(name)) throw malformed('the record', 'made of members named in camelCase')
  }
  return own.length === 0 ? {} : { members: Object.freeze(withoutPrototype(own)) }
}

function readAttributes(value: RecordValue | undefined): Attributes {
  if (value === undefined) return Object.freeze(withoutPrototype<never>([]))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('attributes', 'an object')
  }
  const entries = Object.entries(value)
  if (entries.length === 0) throw malformed('attributes', 'left out when empty')
  for (const [name, attribute] of entries) checkAttribute(name, attribute)
  return Object.freeze(withoutPrototype(entries as [string, Attributes[string]][]))
}

function checkAttribute(name: string, value: RecordValue): void {
  if (!isAttributeName(name)) {
    throw malformed('attributes', 'named in lower case with dots, and not like what readers add')
  }
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return
  if (Array.isArray(value) && value.every((element) => typeof element === 'string')) return
  throw malformed(`attributes.${name}`, 'a string, a boolean, an integer or a list of strings')
}

function readType(value: RecordValue | undefined): string {
  if (typeof value === 'string' && value.length <= MAX_NAME_LENGTH && NAME.test(value)) return value
  throw malformed('type', 'an event name in lower case with dots')
}

function readIndex(value: RecordValue | undefined): number {
  if (typeof value === 'number' && value >= 0) return value
  throw malformed('index', 'an integer of at least 0')
}

function readString(members: ReadonlyMap<string, RecordValue>, name: string): string {
  return readMatching(members, name, 'a string that is not empty', (text) => text !== '')
}

function readMatching(
  members: ReadonlyMap<string, RecordValue>,
  name: string,
  expected: string,
  matches: (text: string) => boolean,
): string {
  const value = members.get(name)
  if (typeof value === 'string' && matches(value)) return value
  throw malformed(name, expected)
}

function isSession(text: string): boolean {
  return text !== '' && text.length <= MAX_SESSION_LENGTH
}

function isUnixNanos(text: string): boolean {
  return UNIX_NANOS.test(text)
}

function withoutPrototype<Value>(entries: readonly (readonly [string, Value])[]): {
  [name: string]: Value
} {
  return Object.assign(
    Object.create(null) as { [name: string]: Value },
    Object.fromEntries(entries),
  )
}

function malformed(member: string, expected: string): SessionError {
  return new SessionError(
    'ERR_SESSION_RECORD_MALFORMED',
    `record text: ${member === 'the record' ? member : `"${member}"`} must be ${expected}`,
  )
}
