import {
  decodeRecord,
  type DecodedRecord,
  type RecordDraft,
  SessionError,
  type Sessionizer,
} from '@tokentrail/session'
import type { SearchQuery } from '../search/query.ts'
import { planSearch } from '../search/plan.ts'
import { runSearch } from '../search/run.ts'
import type { Store } from '../store/store.ts'

/** Ends of sessions are remembered for so long: a token that outlives it would start anew. */
const MEMORY_NANOS = 86_400_000_000_000n
const MAX_BOUNDARIES = 50_000
const MAX_SESSION_RECORDS = 2000
const BOUNDARIES = ['oauth.session.start', 'oauth.session.end']
const TOKENS = [
  'oauth.token.observed',
  'oauth.token.issued',
  'oauth.token.refreshed',
  'oauth.token.revoked',
  'oauth.grant.revoked',
]

/**
 * Gives a new sessionizer what the store knows, so that it derives nothing twice: the starts and
 * ends of the last day and of every session that is still open, oldest first; then, of the open
 * ones, the records about tokens and grants and the last activity.
 *
 * @returns What nobody has derived yet, since the records came while no sessionizer ran.
 */
export function restoreSessionizer(
  sessionizer: Sessionizer,
  store: Store,
  now: bigint,
): readonly RecordDraft[] {
  const open = [...store.tables.sessions.activeIds()]
  const boundaries = [
    ...find(store, { event: BOUNDARIES }, MAX_BOUNDARIES, now - MEMORY_NANOS),
    ...open.flatMap((id) => find(store, { event: BOUNDARIES, session: [id] }, MAX_SESSION_RECORDS)),
  ]
  const activity = open.flatMap((id) => [
    ...find(store, { event: TOKENS, session: [id] }, MAX_SESSION_RECORDS),
    ...find(store, { event: ['oauth.request'], session: [id] }, 1),
  ])
  const known = [...sortByTime(boundaries), ...sortByTime(activity)]
  return known.flatMap((record) => sessionizer.add(record, now))
}

/**
 * Reads a stored text as the sessionizer takes it, with the session that its token joins;
 * `undefined` for a text that is no canonical record: it is evidence of nothing.
 */
export function readForSessionizer(store: Store, id: number): DecodedRecord | undefined {
  const text = store.tables.records.textOf(id)
  if (text === undefined || !text.includes('"type":"oauth.')) return undefined
  try {
    const record = decodeRecord(text)
    const session = record.session ?? store.row(id)?.session ?? undefined
    return session === undefined ? record : { ...record, session }
  } catch (error) {
    if (error instanceof SessionError) return undefined
    throw error
  }
}

function find(
  store: Store,
  include: SearchQuery['include'],
  limit: number,
  from?: bigint,
): readonly DecodedRecord[] {
  const plan = planSearch({ include, exclude: {} }, store.tables)
  const { found } = runSearch(plan, store.tables, { from, limit, countCap: 0 })
  return found
    .slice(0, limit)
    .map(({ id }) => readForSessionizer(store, id))
    .filter((record) => record !== undefined)
}

function sortByTime(records: readonly DecodedRecord[]): readonly DecodedRecord[] {
  return records.toSorted((a, b) => {
    const difference = BigInt(a.time) - BigInt(b.time)
    if (difference === 0n) return 0
    return difference < 0n ? -1 : 1
  })
}
