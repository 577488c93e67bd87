import { formatFilters, parseFilters, type Filter } from './filters.ts'

/** Which sessions the list shows: all, those still active, or those that ended. */
export type ActivityFilter = 'all' | 'active' | 'ended'

/** Lists of records: all of them, or refusals only. */
export type RecordListView = 'records' | 'refusals'

/** What the address asks for. */
export type Route =
  | {
      readonly view: 'sessions'
      readonly filters: readonly Filter[]
      readonly activity: ActivityFilter
    }
  | { readonly view: 'session'; readonly id: string }
  | { readonly view: RecordListView; readonly filters: readonly Filter[] }
  | { readonly view: 'record'; readonly uid: string }
  | { readonly view: 'logs' }
  | { readonly view: 'unknown'; readonly hash: string }

/**
 * Reads the fragment of the page's address, e.g. `#/sessions?client=web&active=true`. The empty
 * fragment is the list of sessions.
 */
export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#/, '')
  const cut = text.indexOf('?')
  const path = cut === -1 ? text : text.slice(0, cut)
  const params = new URLSearchParams(cut === -1 ? '' : text.slice(cut + 1))
  const [view = '', encoded = '', ...rest] = path.replace(/^\//, '').split('/')
  const argument = decodeArgument(encoded)
  if (rest.length > 0 || argument === null) return { view: 'unknown', hash }
  return argument === '' ? parseList(view, params, hash) : parseDetail(view, argument, hash)
}

/** Writes a route as a fragment; the inverse of {@link parseRoute}. */
export function formatRoute(route: Route): string {
  switch (route.view) {
    case 'session':
      return `#/sessions/${encodeURIComponent(route.id)}`
    case 'record':
      return `#/records/${encodeURIComponent(route.uid)}`
    case 'unknown':
      return route.hash
    case 'logs':
      return '#/logs'
    case 'sessions': {
      const params = formatFilters(route.filters)
      if (route.activity !== 'all') params.set('active', String(route.activity === 'active'))
      return withQuery('#/sessions', params)
    }
    case 'records':
    case 'refusals':
      return withQuery(`#/${route.view}`, formatFilters(route.filters))
  }
}

/** Address of the sessions, records or refusals that have one value. */
export function formatFilterRoute(
  view: 'sessions' | RecordListView,
  name: Filter['name'],
  value: string,
): string {
  const filters = [{ name, value, exclude: false }]
  return formatRoute(view === 'sessions' ? { view, filters, activity: 'all' } : { view, filters })
}

function parseList(view: string, params: URLSearchParams, hash: string): Route {
  switch (view) {
    case '':
    case 'sessions':
      return { view: 'sessions', filters: parseFilters(params), activity: parseActivity(params) }
    case 'records':
    case 'refusals':
      return { view, filters: parseFilters(params) }
    case 'logs':
      return { view }
    default:
      return { view: 'unknown', hash }
  }
}

function parseDetail(view: string, argument: string, hash: string): Route {
  if (view === 'sessions') return { view: 'session', id: argument }
  if (view === 'records') return { view: 'record', uid: argument }
  return { view: 'unknown', hash }
}

function parseActivity(params: URLSearchParams): ActivityFilter {
  const active = params.get('active')
  if (active === 'true') return 'active'
  return active === 'false' ? 'ended' : 'all'
}

function withQuery(path: string, params: URLSearchParams): string {
  const query = params.toString()
  return query === '' ? path : `${path}?${query}`
}

function decodeArgument(encoded: string): string | null {
  try {
    return decodeURIComponent(encoded)
  } catch {
    return null
  }
}
