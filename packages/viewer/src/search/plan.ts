import { CHUNK_RECORDS, setBit, type Bitmap } from '../store/bitmap.ts'
import type { StoreTables } from '../store/tables.ts'
import { formatTerm, type TermName } from '../store/terms.ts'
import type { FilterName, FilterValues } from './filters.ts'
import type { SearchQuery } from './query.ts'

/** Computes the pseudonyms that a user's clear name has, for the issuers given. */
export type ToUserPseudonyms = (value: string, issuers: readonly string[]) => readonly string[]

/** Where the records of one filter are: those of any of its values. */
export interface Source {
  readonly terms: readonly number[]
  /** Offsets by chunk. */
  readonly offsets: ReadonlyMap<number, readonly number[]>
}

/** What has to be combined to answer a search. */
export interface SearchPlan {
  readonly include: readonly Source[]
  readonly exclude: readonly Source[]
}

/** Looks up the values of a search. The user's clear name becomes pseudonyms here. */
export function planSearch(
  query: Pick<SearchQuery, 'include' | 'exclude'>,
  tables: StoreTables,
  toPseudonyms?: ToUserPseudonyms,
): SearchPlan {
  const toSources = (filters: FilterValues): readonly Source[] =>
    Object.entries(filters)
      .filter(([, values]) => values.length > 0)
      .map(([name, values]) => toSource(name as FilterName, values, tables, toPseudonyms))
  return { include: toSources(query.include), exclude: toSources(query.exclude) }
}

/** Adds the records of a source that lie in a chunk to a bitmap. */
export function orSource(bitmap: Bitmap, chunk: number, source: Source, tables: StoreTables): void {
  for (const term of source.terms) tables.chunks.orTerm(bitmap, chunk, term)
  for (const offset of source.offsets.get(chunk) ?? []) setBit(bitmap, offset)
}

/** Whether a source can have records in a chunk. */
export function mayHold(source: Source, chunk: number): boolean {
  return source.terms.length > 0 || source.offsets.has(chunk)
}

function toSource(
  name: FilterName,
  values: readonly string[],
  tables: StoreTables,
  toPseudonyms: ToUserPseudonyms | undefined,
): Source {
  const { ids, terms } = tables
  const chunks = tables.chunks.spans().length
  switch (name) {
    case 'token':
    case 'trace':
      return toIdSource(
        values.flatMap((value) => ids.own(name, value, chunks)),
        tables,
      )
    case 'session':
      return toSessionSource(values, tables)
    case 'user': {
      const hashes = values.flatMap((value) => toHashes(value, tables, toPseudonyms))
      return toJoinedSource('user', [...new Set(hashes)], tables)
    }
    case 'client':
      return toJoinedSource('client', values, tables)
    case 'status':
      return { terms: values.flatMap((value) => toStatusTerms(value, tables)), offsets: new Map() }
    case 'event':
    case 'framework':
    case 'method':
    case 'reason':
    case 'route':
    case 'scope':
    case 'service':
      return { terms: toTerms(name, values, terms), offsets: new Map() }
  }
}

/** Where the records of sessions are, by their own texts or by their tokens. */
export function toSessionSource(sessions: readonly string[], tables: StoreTables): Source {
  const { ids } = tables
  const chunks = tables.chunks.spans().length
  return toIdSource(
    sessions.flatMap((id) => [...ids.own('session', id, chunks), ...ids.joined('session', id)]),
    tables,
  )
}

function toTerms(
  name: TermName,
  values: readonly string[],
  terms: StoreTables['terms'],
): readonly number[] {
  return values
    .map((value) => terms.find(formatTerm(name, value)))
    .filter((term) => term !== undefined)
}

function toStatusTerms(value: string, { terms }: StoreTables): readonly number[] {
  if (!value.endsWith('xx')) return toTerms('status', [value], terms)
  const first = Number(value[0])
  return terms.findRange(formatTerm('status', `${first}00`), formatTerm('status', `${first + 1}00`))
}

function toJoinedSource(
  name: 'user' | 'client',
  values: readonly string[],
  tables: StoreTables,
): Source {
  const joined = values.flatMap((value) => tables.ids.joined(name, value))
  return { ...toIdSource(joined, tables), terms: toTerms(name, values, tables.terms) }
}

function toIdSource(ids: readonly number[], { chunks }: StoreTables): Source {
  const offsets = new Map<number, number[]>()
  for (const id of ids) {
    // A reader beside the writer may find ids that its chunks do not know yet.
    if (id >= chunks.nextId) continue
    const chunk = Math.floor((id - 1) / CHUNK_RECORDS)
    const known = offsets.get(chunk)
    if (known === undefined) offsets.set(chunk, [(id - 1) % CHUNK_RECORDS])
    else known.push((id - 1) % CHUNK_RECORDS)
  }
  return { terms: [], offsets }
}

function toHashes(
  value: string,
  { identities }: StoreTables,
  toPseudonyms: ToUserPseudonyms | undefined,
): readonly string[] {
  return [
    value,
    ...identities.pseudonymsOf('sub', value),
    ...(toPseudonyms?.(value, identities.issuers()) ?? []),
  ]
}
