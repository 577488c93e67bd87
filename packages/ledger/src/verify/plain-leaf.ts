import { SEVERITY_RULES } from '../generated/severities.ts'
import type { ExportedRecord, RecordSource } from './exported-record.ts'
import { kindOf } from './record-kind.ts'
import { compareProjection } from './projection.ts'
import { readRecordText, toHead, type RecordMembers } from './record-text.ts'

/**
 * A record that its reader took for good by itself: plainly an ordinary one, its copies its own
 * (see {@link readPlainRecord}). What is left of it is its leaf.
 */
export interface PlainLeaf {
  /** Origin of its log. */
  readonly log: string
  readonly index: number
  /** POSIX seconds at which it was made. */
  readonly seconds: number
  /** The leaf hash, a code unit for each byte: see {@link digestLeaf}. */
  readonly digest: string
  /** As in an {@link ExportedRecord}: the one thing beside the text that is still to be compared. */
  readonly serviceName: string | undefined
  readonly source?: RecordSource
}

/** Tells a leaf from a record with its text. */
export function isPlainLeaf(record: ExportedRecord | PlainLeaf): record is PlainLeaf {
  return 'digest' in record
}

/**
 * Reads a record that verification makes nothing of but a leaf: its body is the canonical text of
 * an ordinary record, and what stands beside it is the text's own; `undefined` for any other. The
 * values of such a record may be exchanged as {@link freedomOf} says, in the text and in its copies
 * alike, and it stays one.
 */
export function readPlainRecord(exported: ExportedRecord): RecordMembers | undefined {
  // Of a type of its own there is no need to read it to say no.
  const { eventName = '', body } = exported
  if (eventName !== '' && kindOf(eventName) !== 'ordinary') return undefined
  const reading = readRecordText(body)
  if (reading.status !== 'record') return undefined
  const head = toHead(reading.record)
  if (kindOf(head.type) !== 'ordinary' || head.hasLeaves) return undefined
  return compareProjection(exported, head, reading.record).length === 0 ? reading.record : undefined
}

/** What may stand in the place of a value: only itself, or any other value of its form. */
export type Freedom =
  | 'none'
  /** An integer of one to fifteen digits. */
  | 'integer'
  /** A string of one to twenty digits that does not begin with a superfluous zero. */
  | 'decimal'
  /** A string that needs no escape in JSON, and a `name` is not empty. */
  | 'text'
  | 'name'
  /** An array of one or more such strings. */
  | 'list'

/** Printable ASCII that stands for itself in JSON. */
const PLAIN = /^[ !#-[\]-~]*$/

/** Members that decide what a record is. */
const FIXED = new Set(['v', 'type'])
const DECIMAL = new Set(['time', 'observed'])

/** Attributes that decide how severe a record is, which is among its copies. */
const DECIDING: ReadonlySet<string> = new Set(
  [...SEVERITY_RULES.values()].flatMap(({ attribute, exceptions = [] }) => [
    ...exceptions.map((exception) => exception.attribute),
    ...(attribute === undefined ? [] : [attribute]),
  ]),
)

/**
 * What may take the place of a value in the text of a plain record without making it anything but
 * another plain record, still canonical: readRecordText looks at the form of these values, and at
 * nothing of what others say.
 *
 * @param path - Names of the members that lead to the value.
 */
export function freedomOf(path: readonly string[], value: unknown): Freedom {
  const [name = ''] = path
  if (path.length === 1 && FIXED.has(name)) return 'none'
  if (DECIDING.has(path[1] ?? '')) return 'none'
  if (typeof value === 'string') {
    if (path.length === 1 && DECIMAL.has(name)) return 'decimal'
    if (!PLAIN.test(value)) return 'none'
    return path.length === 1 && name === 'log' ? 'name' : 'text'
  }
  if (typeof value === 'number') return /^\d{1,15}$/.test(String(value)) ? 'integer' : 'none'
  if (!Array.isArray(value) || value.length === 0) return 'none'
  return value.every((item) => typeof item === 'string' && PLAIN.test(item)) ? 'list' : 'none'
}
