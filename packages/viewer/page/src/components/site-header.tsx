import type { VNode } from 'preact'

import { useApp } from '../app-context.ts'
import type { Route } from '../router.ts'
import { StatusStrip } from './status-strip.tsx'

const LINKS: readonly { readonly href: string; readonly title: string; views: Route['view'][] }[] =
  [
    { href: '#/sessions', title: 'Sessions', views: ['sessions', 'session'] },
    { href: '#/refusals', title: 'Refusals', views: ['refusals'] },
    { href: '#/records', title: 'Records', views: ['records', 'record'] },
    { href: '#/logs', title: 'Logs', views: ['logs'] },
  ]

/** Name, way around, and the status strip. */
export function SiteHeader(): VNode {
  const { view } = useApp().location.route.value
  return (
    <header class="site-header">
      <div class="bar">
        <a class="brand" href="#/sessions">
          <Mark />
          Tokentrail
        </a>
        <nav aria-label="Views">
          {LINKS.map(({ href, title, views }) => (
            <a key={href} href={href} aria-current={views.includes(view) ? 'page' : undefined}>
              {title}
            </a>
          ))}
        </nav>
      </div>
      <StatusStrip />
    </header>
  )
}

function Mark(): VNode {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M7 24 16 15 25 24M16 15V7" />
      <circle cx="16" cy="7" r="3.2" />
      <circle cx="7" cy="24" r="3.2" />
      <circle cx="25" cy="24" r="3.2" class="mark-leaf" />
    </svg>
  )
}
