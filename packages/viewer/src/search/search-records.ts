import type { RecordsResponse } from '../api-types.ts'
import { buildRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import { planSearch, type ToUserPseudonyms } from './plan.ts'
import { DEFAULT_LIMIT, formatCursor, type SearchQuery } from './query.ts'
import { runSearch } from './run.ts'

/** Counting stops here: a larger number tells nobody more. */
export const COUNT_CAP = 10_000

/** Options of a search. */
export interface SearchOptions {
  /** Lets a user be found by the clear name where no identity record is at hand. */
  readonly toPseudonyms?: ToUserPseudonyms | undefined
}

/** Answers a search for records, newest first. */
export function searchRecords(
  store: Store,
  query: SearchQuery,
  options: SearchOptions = {},
): RecordsResponse {
  const { tables } = store
  const limit = query.limit ?? DEFAULT_LIMIT
  const plan = planSearch(query, tables, options.toPseudonyms)
  const { found, count, capped } = runSearch(plan, tables, {
    from: query.from,
    to: query.to,
    before: query.before,
    limit,
    countCap: COUNT_CAP,
  })
  const page = found.slice(0, limit)
  const last = page.at(-1)
  const rows = page.map(({ id }) => buildRow(tables.records.textOf(id) ?? '', tables))
  return {
    records: rows.filter((row) => row !== undefined),
    next: found.length > limit && last !== undefined ? formatCursor(last) : null,
    count,
    capped,
  }
}
