import { utf8Length } from '#crypto'
import { canonicalize } from '../jcs.ts'
import { isDecimal } from './decimal.ts'

/** Longest canonical text in UTF-8 bytes (Splunk cuts lines at 10,000). */
export const MAX_RECORD_BYTES = 8_000

/** The members that every record has; the others are read where they mean something. */
export interface RecordMembers {
  readonly [name: string]: unknown
  readonly log: string
  readonly index: number
  readonly type: string
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly time: string
}

/** What verification needs of every record. */
export interface RecordHead {
  readonly log: string
  readonly index: number
  readonly type: string
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly time: string
  readonly observed: string | undefined
  readonly session: string | undefined
  readonly trace: string | undefined
  readonly span: string | undefined
  /** Where in the text the first member of `attributes` begins; 0 when that is not known. */
  readonly attributesAt: number
  /** It has a member `leaves`, as checkpoint records have. */
  readonly hasLeaves: boolean
}

/** What a body turned out to be. */
export type RecordReading =
  | { readonly status: 'record'; readonly record: RecordMembers }
  | { readonly status: 'identity' }
  | BrokenReading

/** A body that is no record. */
export interface BrokenReading {
  readonly status: 'broken'
  readonly problem: string
  /** What it claims to be, when that much can be read. */
  readonly log?: string
  readonly index?: number
}

/**
 * Reads a body: is it the canonical text (RFC 8785) of a record of layout version 1? It never
 * throws; a body that is no record is described.
 */
export function readRecordText(body: string): RecordReading {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch {
    return { status: 'broken', problem: 'its body is not JSON', ...salvage(body) }
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { status: 'broken', problem: 'its body is not a JSON object' }
  }
  const members = value as { readonly [name: string]: unknown }
  if (members['type'] === 'tokentrail.identity' && members['index'] === undefined) {
    return { status: 'identity' }
  }
  const problem = findProblem(members, body)
  if (problem === undefined) return { status: 'record', record: members as RecordMembers }
  return { status: 'broken', problem, ...readPlace(members) }
}

/**
 * Whole POSIX seconds at which a record was made: `observed`, which is when the recorder learned of
 * something earlier, else `time`.
 */
export function recordSeconds({ observed, time }: RecordHead): number {
  return Number((observed ?? time).slice(0, -9))
}

/** Picks the head out of a record's members. */
export function toHead(members: RecordMembers): RecordHead {
  const { log, index, type, time } = members
  return {
    log,
    index,
    type,
    time,
    observed: toText(members['observed']),
    session: toText(members['session']),
    trace: toText(members['trace']),
    span: toText(members['span']),
    attributesAt: 0,
    hasLeaves: 'leaves' in members,
  }
}

function toText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function findProblem(
  members: { readonly [name: string]: unknown },
  body: string,
): string | undefined {
  const { v, log, index, type, time, observed } = members
  if (v !== 1) return 'it is not a record of layout version 1'
  if (typeof log !== 'string' || log === '') return 'it names no log'
  if (!isIndex(index)) return 'its index is not a safe integer'
  if (typeof type !== 'string' || type === '') return 'it has no type'
  if (typeof time !== 'string' || !isDecimal(time)) return 'its time is not decimal nanoseconds'
  if (observed !== undefined && (typeof observed !== 'string' || !isDecimal(observed))) {
    return 'its observed time is not decimal nanoseconds'
  }
  // A text of n UTF-16 units has at most 3n bytes; only a long one need be measured.
  if (body.length * 3 > MAX_RECORD_BYTES && utf8Length(body) > MAX_RECORD_BYTES) {
    return `its body is longer than ${MAX_RECORD_BYTES} bytes`
  }
  if (!isCanonical(members, body)) return 'its body is not canonical JSON'
  return undefined
}

function isCanonical(value: unknown, body: string): boolean {
  // JSON.stringify sorts nothing but writes all else as RFC 8785 does, and natively.
  if (JSON.stringify(value) === body && isSorted(value)) return body.isWellFormed()
  try {
    return canonicalize(value) === body
  } catch {
    return false
  }
}

function isSorted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === 'object' && !isSorted(item)) return false
    return true
  }
  let previous = ''
  for (const name in value) {
    if (name < previous) return false
    previous = name
    const member = (value as Record<string, unknown>)[name]
    if (typeof member === 'object' && !isSorted(member)) return false
  }
  return true
}

function readPlace(members: { readonly [name: string]: unknown }): {
  readonly log?: string
  readonly index?: number
} {
  const { log, index } = members
  return typeof log === 'string' && log !== '' && isIndex(index) ? { log, index } : {}
}

/** Reads log and index out of a damaged text, so that the damage can be reported at its place. */
function salvage(body: string): { readonly log?: string; readonly index?: number } {
  const match = /"index":([0-9]{1,16}),"log":"([^"\\]{1,1024})"/.exec(body)
  const index = Number(match?.[1])
  return match !== null && isIndex(index) ? { log: match[2]!, index } : {}
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
