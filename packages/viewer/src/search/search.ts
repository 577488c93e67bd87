import type { RecordsResponse, SessionSummary, SessionsResponse } from '../api-types.ts'
import { buildRow, toUser } from '../store/rows.ts'
import type { StoredSession } from '../store/session-summary.ts'
import type { Store } from '../store/store.ts'
import { planSearch, type ToUserPseudonyms } from './plan.ts'
import { DEFAULT_LIMIT, formatCursor, type SearchQuery } from './query.ts'
import { runSearch } from './run.ts'

/** Counting stops here: a larger number tells nobody more. */
export const COUNT_CAP = 10_000
/** Records that a search for sessions looks at, newest first. */
const MAX_SESSION_RECORDS = 50_000

/** Options of a search. */
export interface SearchOptions {
  /** Lets a user be found by the clear name where no identity record is at hand. */
  readonly toPseudonyms?: ToUserPseudonyms | undefined
}

/** Which sessions to list. */
export interface SessionQuery extends SearchQuery {
  readonly active?: boolean
  readonly beforeSession?: { readonly lastSeen: bigint; readonly id: string }
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

/**
 * Answers a search for sessions, last seen first. With filters, a session is listed when one of its
 * records matches them all; of those records the newest 50,000 are looked at.
 */
export function searchSessions(
  store: Store,
  query: SessionQuery,
  options: SearchOptions = {},
): SessionsResponse {
  const { tables } = store
  const ids = isFiltered(query) ? findSessions(store, query, options) : undefined
  const page = tables.sessions.page({
    limit: query.limit ?? DEFAULT_LIMIT,
    ...(ids === undefined ? {} : { ids }),
    ...(query.active === undefined ? {} : { active: query.active }),
    ...(query.beforeSession === undefined ? {} : { before: query.beforeSession }),
  })
  return { sessions: page.sessions.map((session) => toSummary(session, store)), next: page.next }
}

/** Joins a stored summary with the person's clear name; an end that was outlived is not shown. */
export function toSummary(stored: StoredSession, store: Store): SessionSummary {
  const { witnessed: _, ...session } = stored
  return {
    ...session,
    user: toUser(session.user, store.tables.identities),
    end: session.active ? null : session.end,
  }
}

function findSessions(store: Store, query: SearchQuery, options: SearchOptions): readonly string[] {
  const { tables } = store
  const plan = planSearch(query, tables, options.toPseudonyms)
  const { found } = runSearch(plan, tables, {
    from: query.from,
    to: query.to,
    limit: MAX_SESSION_RECORDS,
    countCap: 0,
  })
  return tables.ids.sessionsOf(found.map(({ id }) => id))
}

function isFiltered({ include, exclude, from, to }: SearchQuery): boolean {
  const hasFilters = Object.keys(include).length > 0 || Object.keys(exclude).length > 0
  return hasFilters || from !== undefined || to !== undefined
}
