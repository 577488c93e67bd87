import type { SessionSummary, SessionsResponse } from '../api-types.ts'
import { toUser } from '../store/rows.ts'
import type { StoredSession } from '../store/session-summary.ts'
import type { Store } from '../store/store.ts'
import { planSearch, toSessionSource, type SearchPlan } from './plan.ts'
import {
  DEFAULT_LIMIT,
  formatCursor,
  parseCursor,
  refuseCursor,
  type RecordCursor,
} from './query.ts'
import { runSearch } from './run.ts'
import type { SearchOptions } from './search-records.ts'
import type { SessionQuery } from './session-query.ts'

/** Records looked at in one round; between rounds the sessions met so far are left out. */
const ROUND_RECORDS = 1000
/** Rounds for one page. A page that is cut short by it has a cursor to go on from. */
const MAX_ROUNDS = 50

/**
 * Answers a search for sessions. Without filters all are listed, last seen first. With filters, a
 * session is listed when one of its records matches them all, in the order of the newest such
 * record.
 *
 * @throws {@link ViewerError} `ERR_VIEWER_QUERY_INVALID` for a cursor that is none.
 */
export function searchSessions(
  store: Store,
  query: SessionQuery,
  options: SearchOptions = {},
): SessionsResponse {
  return isFiltered(query) ? searchByRecords(store, query, options) : listSessions(store, query)
}

/** Joins a stored summary with the person's clear name; an end that was outlived is not shown. */
export function toSummary(stored: StoredSession, store: Store): SessionSummary {
  const { witnessed: _witnessed, lastUsed: _lastUsed, ...session } = stored
  return {
    ...session,
    user: toUser(session.user, store.tables.identities),
    end: session.active ? null : session.end,
  }
}

function listSessions(store: Store, query: SessionQuery): SessionsResponse {
  const { active, before } = query
  const page = store.tables.sessions.page({
    limit: query.limit ?? DEFAULT_LIMIT,
    ...(active === undefined ? {} : { active }),
    ...(before === undefined ? {} : { before: parseSessionCursor(before) }),
  })
  return { sessions: page.sessions.map((session) => toSummary(session, store)), next: page.next }
}

interface Met {
  readonly session: StoredSession
  /** Its newest matching record. */
  readonly at: RecordCursor
}

function searchByRecords(
  store: Store,
  query: SessionQuery,
  options: SearchOptions,
): SessionsResponse {
  const limit = query.limit ?? DEFAULT_LIMIT
  const plan = planSearch(query, store.tables, options.toPseudonyms)
  const before = query.before === undefined ? undefined : parseRecordCursor(query.before)
  const walk = new SessionWalk(store, query, plan, before)
  let isMore = true
  for (let round = 0; isMore && round < MAX_ROUNDS; round += 1) {
    isMore = walk.goOn(limit + 1)
    if (walk.met.length > limit) break
  }
  const page = walk.met.slice(0, limit)
  return {
    sessions: page.map(({ session }) => toSummary(session, store)),
    next: formatNext(walk, page, isMore),
  }
}

/** Walks down the matching records and meets each session at its newest one. */
class SessionWalk {
  readonly met: Met[] = []
  readonly #store: Store
  readonly #query: SessionQuery
  readonly #plan: SearchPlan
  readonly #start: RecordCursor | undefined
  readonly #seen = new Set<string>()
  /** The last record looked at. */
  at: RecordCursor | undefined

  constructor(
    store: Store,
    query: SessionQuery,
    plan: SearchPlan,
    start: RecordCursor | undefined,
  ) {
    this.#store = store
    this.#query = query
    this.#plan = plan
    this.#start = start
    this.at = start
  }

  /** Looks at the next records until `wanted` sessions are met; returns whether there are more. */
  goOn(wanted: number): boolean {
    const { ids } = this.#store.tables
    const found = this.#run(this.at, ROUND_RECORDS, {
      ...this.#plan,
      exclude: [...this.#plan.exclude, toSessionSource([...this.#seen], this.#store.tables)],
    })
    for (const record of found.slice(0, ROUND_RECORDS)) {
      this.at = record
      const id = ids.sessionOf(record.id)
      if (id === null || this.#seen.has(id)) continue
      this.#seen.add(id)
      this.#meet(id, record)
      if (this.met.length === wanted) return true
    }
    return found.length > ROUND_RECORDS
  }

  #meet(id: string, at: RecordCursor): void {
    const session = this.#store.session(id)
    if (session === undefined) return
    const { active } = this.#query
    if (active !== undefined && session.active !== active) return
    if (!this.#wasListed(id, at)) this.met.push({ session, at })
  }

  /** Whether an earlier page met the session, at a record newer than where this page starts. */
  #wasListed(id: string, at: RecordCursor): boolean {
    if (this.#start === undefined) return false
    const [newest] = this.#run(undefined, 1, {
      ...this.#plan,
      include: [...this.#plan.include, toSessionSource([id], this.#store.tables)],
    })
    return newest !== undefined && newest.id !== at.id
  }

  #run(before: RecordCursor | undefined, limit: number, plan: SearchPlan): readonly RecordCursor[] {
    const { from, to } = this.#query
    return runSearch(plan, this.#store.tables, { from, to, before, limit, countCap: 0 }).found
  }
}

function formatNext(walk: SessionWalk, page: readonly Met[], isMore: boolean): string | null {
  if (walk.met.length > page.length) {
    const last = page.at(-1)
    return last === undefined ? null : formatCursor(last.at)
  }
  return isMore && walk.at !== undefined ? formatCursor(walk.at) : null
}

function isFiltered({ include, exclude, from, to }: SessionQuery): boolean {
  const hasFilters = Object.keys(include).length > 0 || Object.keys(exclude).length > 0
  return hasFilters || from !== undefined || to !== undefined
}

function parseRecordCursor(value: string): RecordCursor {
  return parseCursor(value) ?? refuseCursor('before')
}

function parseSessionCursor(value: string): { readonly lastSeen: bigint; readonly id: string } {
  const [, lastSeen, id] = /^(\d{1,19})\.(.{1,1024})$/s.exec(value) ?? []
  const nanos = BigInt(lastSeen ?? 0)
  if (id === undefined || BigInt.asIntN(64, nanos) !== nanos) return refuseCursor('before')
  return { lastSeen: nanos, id }
}
