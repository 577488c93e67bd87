import { ViewerError } from '../errors.ts'
import {
  FILTER_NAMES,
  isFilterName,
  parseFilterValue,
  type FilterName,
  type FilterValues,
} from './filters.ts'
import { parseTime, TIME_FORMS } from './time.ts'

/** Largest `limit`, and what it is when none is given. */
export const MAX_LIMIT = 1000
export const DEFAULT_LIMIT = 100

/** Place in a list of records: nothing at or after it is answered. */
export interface RecordCursor {
  readonly time: bigint
  readonly id: number
}

/** A search: what {@link parseSearchQuery} makes of flags or parameters. */
export interface SearchQuery {
  /** A record must have one of the values of every filter given. */
  readonly include: FilterValues
  /** A record may have none of these values. */
  readonly exclude: FilterValues
  /** First moment, nanoseconds since 1970 UTC, included. */
  readonly from?: bigint
  /** Last moment, nanoseconds since 1970 UTC, excluded. */
  readonly to?: bigint
  /** At most 1000. Default is 100. */
  readonly limit?: number
  /** Continues after an earlier page. */
  readonly before?: RecordCursor
}

/** Options of {@link parseSearchQuery}. */
export interface ParseSearchOptions {
  /** Nanoseconds since 1970 UTC, for times ago. */
  readonly now: bigint
  /** What stands before a name in messages: `--` for flags. Default is nothing. */
  readonly prefix?: string
}

/**
 * Makes a search of names and values, as they come from a command line or a query string. Names are
 * those of {@link FILTER_NAMES}, their `exclude-` twins, `from`, `to`, `limit` and `before`.
 *
 * @throws {@link ViewerError} `ERR_VIEWER_QUERY_INVALID`, naming the filter, the value and the
 *   allowed form.
 */
export function parseSearchQuery(
  entries: Iterable<readonly [name: string, value: string]>,
  options: ParseSearchOptions,
): SearchQuery {
  const include: Partial<Record<FilterName, string[]>> = {}
  const exclude: Partial<Record<FilterName, string[]>> = {}
  const single: { from?: bigint; to?: bigint; limit?: number; before?: RecordCursor } = {}
  const prefix = options.prefix ?? ''
  for (const [name, value] of entries) {
    const filter = name.startsWith('exclude-') ? name.slice('exclude-'.length) : name
    if (isFilterName(filter)) {
      addValue(filter === name ? include : exclude, filter, value, prefix + name)
    } else if (isSingleName(name)) {
      if (single[name] !== undefined) throw invalid(`"${prefix}${name}" may be given once`)
      Object.assign(single, { [name]: parseSingle(name, value, options.now, prefix) })
    } else {
      throw invalid(`"${prefix}${name}" is no filter: ${formatNames(prefix)}`)
    }
  }
  if (single.from !== undefined && single.to !== undefined && single.from >= single.to) {
    throw invalid(`"${prefix}from" must lie before "${prefix}to"`)
  }
  return { include, exclude, ...single }
}

/** Writes a cursor for `before`. */
export function formatCursor(cursor: RecordCursor): string {
  return `${cursor.time}.${cursor.id}`
}

type SingleName = 'from' | 'to' | 'limit' | 'before'

function isSingleName(name: string): name is SingleName {
  return name === 'from' || name === 'to' || name === 'limit' || name === 'before'
}

function addValue(
  values: Partial<Record<FilterName, string[]>>,
  filter: FilterName,
  value: string,
  shown: string,
): void {
  const parsed = parseFilterValue(filter, value)
  if ('problem' in parsed) throw invalidValue(shown, value, parsed.problem)
  const known = (values[filter] ??= [])
  if (!known.includes(parsed.value)) known.push(parsed.value)
}

function parseSingle(
  name: SingleName,
  value: string,
  now: bigint,
  prefix: string,
): bigint | number | RecordCursor {
  switch (name) {
    case 'from':
    case 'to':
      return parseTime(value, now) ?? fail(prefix + name, value, TIME_FORMS)
    case 'limit':
      return parseLimit(value) ?? fail(prefix + name, value, `an integer from 1 to ${MAX_LIMIT}`)
    case 'before':
      return parseCursor(value) ?? refuseCursor(prefix + name)
  }
}

/** Reads a page size; `undefined` when it is out of bounds. */
function parseLimit(value: string): number | undefined {
  const limit = /^[1-9]\d{0,3}$/.test(value) ? Number(value) : 0
  return limit >= 1 && limit <= MAX_LIMIT ? limit : undefined
}

/** Reads what {@link formatCursor} wrote; `undefined` for anything else. */
export function parseCursor(value: string): RecordCursor | undefined {
  const [, time, id] = /^(\d{1,19})\.(\d{1,15})$/.exec(value) ?? []
  return time === undefined || id === undefined ? undefined : { time: BigInt(time), id: Number(id) }
}

/** Refuses a cursor, named as the caller knows it. */
export function refuseCursor(shown: string): never {
  throw invalid(`"${shown}" must be the "next" of an earlier page`)
}

function formatNames(prefix: string): string {
  const names = FILTER_NAMES.map((name) => prefix + name).join(', ')
  return `use ${names} (each also as ${prefix}exclude-…), ${prefix}from, ${prefix}to, ${prefix}limit`
}

function fail(shown: string, value: string, form: string): never {
  throw invalidValue(shown, value, form)
}

function invalidValue(shown: string, value: string, form: string): ViewerError {
  return invalid(`"${shown}" must be ${form}, not ${quote(value)}`)
}

/** What stands in the wrong place may be a credential: only what is too short for one is shown. */
function quote(value: string): string {
  return value.length > 16 ? `a text of ${value.length} characters` : JSON.stringify(value)
}

function invalid(message: string): ViewerError {
  return new ViewerError('ERR_VIEWER_QUERY_INVALID', message)
}
