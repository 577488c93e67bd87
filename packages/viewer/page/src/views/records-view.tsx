import type { VNode } from 'preact'

import type { RecordRow } from '../../../src/api-types.ts'
import type { Api } from '../api.ts'
import { useApp } from '../app-context.ts'
import { FilterBar, type Suggestions } from '../components/filter-bar.tsx'
import { LiveTable } from '../components/live-table.tsx'
import { RECORD_COLUMNS, RecordTableRow } from '../components/record-table-row.tsx'
import { useLiveList } from '../components/use-live-list.ts'
import { compareDecimal } from '../format.ts'
import { formatFilters } from '../filters.ts'
import type { ListSource } from '../live-list.ts'
import { REFUSAL_EVENTS } from '../record-words.ts'
import type { RecordListView, Route } from '../router.ts'

const PAGE_SIZE = 100

type RecordsRoute = Extract<Route, { view: RecordListView }>

const WORDS: {
  readonly [View in RecordListView]: { title: string; noun: string; caption: string; lead: string }
} = {
  records: {
    title: 'Records',
    noun: 'record',
    caption: 'Records, newest first',
    lead: 'Everything that was recorded, newest first.',
  },
  refusals: {
    title: 'Refusals',
    noun: 'refusal',
    caption: 'Refused requests, newest first',
    lead: 'Requests refused for an OAuth reason. Where nothing in the token was proven, nobody is held responsible: what a forged token claims is not recorded.',
  },
}

/** Records, or refusals only, newest first. */
export function RecordsView({ route }: { route: RecordsRoute }): VNode {
  const { api, location } = useApp()
  const { view, filters } = route
  const params = toParams(route)
  const list = useLiveList(
    `${view} ${params}`,
    () => createSource(api, params),
    (change) => change.records.filter((row) => concerns(view, row)).map((row) => row.uid),
  )
  const words = WORDS[view]
  return (
    <>
      <div class="view-head">
        <h1 tabindex={-1}>{words.title}</h1>
      </div>
      <p class="lead">{words.lead}</p>
      <FilterBar
        filters={filters}
        suggestions={suggestFrom(list.rows.value.shown)}
        onChange={(next) => location.replace({ view, filters: next })}
      />
      <LiveTable
        list={list}
        noun={words.noun}
        caption={words.caption}
        head={RECORD_COLUMNS}
        filtered={filters.length > 0}
        onClear={() => location.replace({ view, filters: [] })}
        empty={<p>Nothing was refused so far. Refusals appear here by themselves.</p>}
        renderRow={(record, fresh) => (
          <RecordTableRow key={record.uid} record={record} fresh={fresh} />
        )}
      />
    </>
  )
}

function toParams({ view, filters }: RecordsRoute): URLSearchParams {
  const params = formatFilters(filters)
  const chosen = filters.some((filter) => filter.name === 'event' && !filter.exclude)
  if (view === 'refusals' && !chosen) {
    for (const event of REFUSAL_EVENTS) params.append('event', event)
  }
  return params
}

function concerns(view: RecordListView, row: RecordRow): boolean {
  return view === 'records' || REFUSAL_EVENTS.includes(row.type)
}

function createSource(api: Api, filters: URLSearchParams): ListSource<RecordRow> {
  return {
    keyOf: (record) => record.uid,
    compare: (a, b) => compareDecimal(b.time, a.time),
    async fetchPage(before, signal) {
      const params = new URLSearchParams(filters)
      params.set('limit', String(PAGE_SIZE))
      if (before !== null) params.set('before', before)
      const { records, next, count, capped } = await api.records(params, signal)
      return { rows: records, next, total: { count, capped } }
    },
  }
}

function suggestFrom(records: readonly RecordRow[]): Suggestions {
  const known = (pick: (row: RecordRow) => string | null) =>
    records.flatMap((row) => pick(row) ?? [])
  return {
    user: known(({ user }) => user?.name ?? user?.hash ?? null),
    client: known((row) => row.client),
    route: known((row) => row.route),
    trace: known((row) => row.trace),
    service: known((row) => row.service),
    scope: records.flatMap((row) => row.scopes),
    framework: records.flatMap((row) => row.frameworks),
  }
}
