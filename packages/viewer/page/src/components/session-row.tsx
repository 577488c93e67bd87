import type { VNode } from 'preact'

import type { SessionSummary } from '../../../src/api-types.ts'
import { formatRoute } from '../router.ts'
import { Badge } from './badge.tsx'
import { BoundaryText } from './boundary-text.tsx'
import { CountText } from './count-text.tsx'
import { FilterLink, FilterLinks } from './filter-link.tsx'
import { AgeText, TimeText } from './time-text.tsx'
import { Who } from './who.tsx'

/** Titles of the columns of {@link SessionRow}. */
export const SESSION_COLUMNS: readonly string[] = [
  'Who',
  'Client',
  'Start',
  'End',
  'Requests',
  'Last seen',
  'Scopes',
]

/** A session as a row of a table; the whole row leads to it. */
export function SessionRow(props: { session: SessionSummary; fresh: boolean }): VNode {
  const { session, fresh } = props
  return (
    <tr class={fresh ? 'row fresh' : 'row'}>
      <td data-label="Who">
        <Who subject={session} href={formatRoute({ view: 'session', id: session.id })} />
      </td>
      <td data-label="Client">
        {session.client === null ? (
          <span class="none">unknown</span>
        ) : (
          <FilterLink view="sessions" name="client" value={session.client} />
        )}
      </td>
      <td data-label="Start">
        {session.start === null ? (
          <>
            <TimeText at={session.firstSeen} />
            <span class="sub">first record, start not seen</span>
          </>
        ) : (
          <BoundaryText which="start" boundary={session.start} />
        )}
      </td>
      <td data-label="End">
        <SessionEnd session={session} />
      </td>
      <td data-label="Requests">
        <RequestCounts session={session} />
      </td>
      <td data-label="Last seen">
        <AgeText at={session.lastSeen} />
      </td>
      <td data-label="Scopes" class="cell-tags">
        <FilterLinks view="sessions" name="scope" values={session.scopes} max={6} />
      </td>
    </tr>
  )
}

/** End of a session, or that it has none. */
export function SessionEnd(props: { session: SessionSummary; long?: boolean }): VNode {
  const { session, long = false } = props
  if (session.active) return <Badge tone="good">active</Badge>
  if (session.end === null) return <span class="none">no end seen</span>
  return <BoundaryText which="end" boundary={session.end} long={long} />
}

function RequestCounts({ session }: { session: SessionSummary }): VNode {
  return (
    <>
      <CountText value={session.requests} />
      {session.rejections > 0 && (
        <span class="sub refused">
          <CountText value={session.rejections} /> refused
        </span>
      )}
    </>
  )
}
