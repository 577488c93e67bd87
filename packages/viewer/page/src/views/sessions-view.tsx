import type { VNode } from 'preact'

import type { SessionSummary } from '../../../src/api-types.ts'
import type { Api } from '../api.ts'
import { useApp } from '../app-context.ts'
import { FilterBar, type Suggestions } from '../components/filter-bar.tsx'
import { LiveTable } from '../components/live-table.tsx'
import { SESSION_COLUMNS, SessionRow } from '../components/session-row.tsx'
import { useLiveList } from '../components/use-live-list.ts'
import { compareDecimal } from '../format.ts'
import { formatFilters } from '../filters.ts'
import type { ListSource } from '../live-list.ts'
import type { ActivityFilter, Route } from '../router.ts'

const PAGE_SIZE = 50

const ACTIVITIES: readonly { readonly value: ActivityFilter; readonly title: string }[] = [
  { value: 'all', title: 'All' },
  { value: 'active', title: 'Active' },
  { value: 'ended', title: 'Ended' },
]

type SessionsRoute = Extract<Route, { view: 'sessions' }>

/** Sessions as they come and go, newest first. */
export function SessionsView({ route }: { route: SessionsRoute }): VNode {
  const { api, location } = useApp()
  const params = toParams(route)
  const list = useLiveList(
    params.toString(),
    () => createSource(api, params),
    (change) => change.sessions,
  )
  const set = (part: Partial<SessionsRoute>): void => location.replace({ ...route, ...part })
  return (
    <>
      <div class="view-head">
        <h1 tabindex={-1}>Sessions</h1>
        <div class="segments" role="group" aria-label="Which sessions">
          {ACTIVITIES.map(({ value, title }) => (
            <button
              key={value}
              type="button"
              aria-pressed={route.activity === value}
              onClick={() => set({ activity: value })}
            >
              {title}
            </button>
          ))}
        </div>
      </div>
      <FilterBar
        filters={route.filters}
        suggestions={suggestFrom(list.rows.value.shown)}
        onChange={(filters) => set({ filters })}
      />
      <LiveTable
        list={list}
        noun="session"
        caption="Sessions, newest first"
        head={SESSION_COLUMNS}
        filtered={route.filters.length > 0 || route.activity !== 'all'}
        onClear={() => set({ filters: [], activity: 'all' })}
        empty={
          <p>
            There are records, but none belongs to a session yet: no token was seen to be good.{' '}
            <a href="#/refusals">See the refusals</a> or <a href="#/records">all records</a>.
          </p>
        }
        renderRow={(session, fresh) => (
          <SessionRow key={session.id} session={session} fresh={fresh} />
        )}
      />
    </>
  )
}

function toParams(route: SessionsRoute): URLSearchParams {
  const params = formatFilters(route.filters)
  if (route.activity !== 'all') params.set('active', String(route.activity === 'active'))
  return params
}

function createSource(api: Api, filters: URLSearchParams): ListSource<SessionSummary> {
  return {
    keyOf: (session) => session.id,
    compare: (a, b) => compareDecimal(b.firstSeen, a.firstSeen),
    async fetchPage(before, signal) {
      const params = new URLSearchParams(filters)
      params.set('limit', String(PAGE_SIZE))
      if (before !== null) params.set('before', before)
      const page = await api.sessions(params, signal)
      return { rows: page.sessions, next: page.next, total: null }
    },
    async fetchRows(ids, signal) {
      const params = new URLSearchParams()
      for (const id of ids.slice(0, PAGE_SIZE)) params.append('session', id)
      params.set('limit', String(PAGE_SIZE))
      return (await api.sessions(params, signal)).sessions
    },
  }
}

function suggestFrom(sessions: readonly SessionSummary[]): Suggestions {
  return {
    user: sessions.flatMap(({ user }) => (user === null ? [] : [user.name ?? user.hash])),
    client: sessions.flatMap(({ client }) => (client === null ? [] : [client])),
    scope: sessions.flatMap(({ scopes }) => scopes),
    service: sessions.flatMap(({ services }) => services),
    framework: sessions.flatMap(({ frameworks }) => frameworks),
  }
}
