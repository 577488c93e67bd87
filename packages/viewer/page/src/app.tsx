import type { VNode } from 'preact'
import { useEffect, useRef } from 'preact/hooks'

import { useApp } from './app-context.ts'
import { AlarmBanner } from './components/alarm-banner.tsx'
import { Notice } from './components/notice.tsx'
import { SiteHeader } from './components/site-header.tsx'
import type { Route } from './router.ts'
import { LogsView } from './views/logs-view.tsx'
import { RecordView } from './views/record-view.tsx'
import { RecordsView } from './views/records-view.tsx'
import { SessionView } from './views/session-view.tsx'
import { SessionsView } from './views/sessions-view.tsx'

const TITLES: { readonly [View in Route['view']]: string } = {
  sessions: 'Sessions',
  session: 'Session',
  records: 'Records',
  refusals: 'Refusals',
  record: 'Record',
  logs: 'Logs',
  unknown: 'Not found',
}

/** The whole page: header, the view that the address asks for, and a foot. */
export function AppShell(): VNode {
  const { location } = useApp()
  const route = location.route.value
  const main = useViewChange(route)
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          // The fragment is the address of the view: move the focus, leave the fragment alone.
          event.preventDefault()
          main.current?.focus()
        }}
      >
        Skip to content
      </a>
      <SiteHeader />
      <AlarmBanner />
      <main id="main" ref={main} tabindex={-1}>
        <View route={route} />
      </main>
      <SiteFooter />
    </>
  )
}

function View({ route }: { route: Route }): VNode {
  switch (route.view) {
    case 'sessions':
      return <SessionsView route={route} />
    case 'session':
      return <SessionView key={route.id} id={route.id} />
    case 'records':
    case 'refusals':
      return <RecordsView key={route.view} route={route} />
    case 'record':
      return <RecordView key={route.uid} uid={route.uid} />
    case 'logs':
      return <LogsView />
    case 'unknown':
      return (
        <Notice title="There is no such view">
          <p>
            The address does not name a view of this page. <a href="#/sessions">Go to sessions</a>.
          </p>
        </Notice>
      )
  }
}

function SiteFooter(): VNode {
  const { overview } = useApp()
  const status = overview.status.value
  const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone
  return (
    <footer class="site-footer">
      <span>Times are local ({zone}); point at one for exact UTC.</span>
      {status !== null && <span>Tokentrail {status.version}</span>}
    </footer>
  )
}

/** On another view: a title of its own, focus on the content, and the top of the page. */
function useViewChange(route: Route): { current: HTMLElement | null } {
  const main = useRef<HTMLElement | null>(null)
  const first = useRef(true)
  const place = placeOf(route)
  useEffect(() => {
    document.title = `${TITLES[route.view]} · Tokentrail`
    if (first.current) {
      first.current = false
      return
    }
    main.current?.focus({ preventScroll: true })
    window.scrollTo({ top: 0 })
  }, [place])
  return main
}

function placeOf(route: Route): string {
  if (route.view === 'session') return `session ${route.id}`
  return route.view === 'record' ? `record ${route.uid}` : route.view
}
