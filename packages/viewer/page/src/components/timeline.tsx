import type { VNode } from 'preact'

import type { RecordRow, SessionBoundary, SessionSummary } from '../../../src/api-types.ts'
import { describeEvent, isPlainRequest, toneOf } from '../record-words.ts'
import { explainRejection } from '../rejection-words.ts'
import { formatRoute } from '../router.ts'
import { formatDuration, parseMoment } from '../time.ts'
import { DerivedMark } from './boundary-text.tsx'
import { MissingScopes, RecordOutcome, RecordTitle } from './record-summary.tsx'
import { TimeText } from './time-text.tsx'

/** Gaps shorter than this are not worth a word. */
const WORTH_SAYING_MILLIS = 1_000

/** Records of a session in the order in which they happened. */
export function Timeline(props: { session: SessionSummary; records: readonly RecordRow[] }): VNode {
  const { session, records } = props
  return (
    <ol class="timeline">
      {records.map((record, position) => (
        <TimelineEntry
          key={record.uid}
          record={record}
          before={records[position - 1]}
          session={session}
        />
      ))}
    </ol>
  )
}

function TimelineEntry(props: {
  record: RecordRow
  before: RecordRow | undefined
  session: SessionSummary
}): VNode {
  const { record, before, session } = props
  const tone = toneOf(record)
  const gap = before === undefined ? 0 : millisBetween(before.time, record.time)
  return (
    <li class={`entry tone-${tone}`}>
      <span class="entry-time">
        <TimeText at={record.time} />
        {gap >= WORTH_SAYING_MILLIS && <span class="sub">+{formatDuration(gap)}</span>}
      </span>
      <div class="entry-body">
        <a class="row-link" href={formatRoute({ view: 'record', uid: record.uid })}>
          <RecordTitle record={record} />
        </a>
        <span class="entry-outcome">
          <RecordOutcome record={record} />
          <Derived record={record} session={session} />
        </span>
        {tone === 'deny' && <p class="sub">{explainRejection(record.reason).sentence}</p>}
        <MissingScopes record={record} />
      </div>
      <span class="entry-source">
        {record.method !== null && !isPlainRequest(record) && (
          <span>{describeEvent(record.type)}</span>
        )}
        <span>{record.service}</span>
      </span>
    </li>
  )
}

/** A start or end that nobody saw says so here too. */
function Derived(props: { record: RecordRow; session: SessionSummary }): VNode | null {
  const { record, session } = props
  if (record.type === 'oauth.session.start' && isDerived(session.start, record)) {
    return <DerivedMark which="start" boundary={session.start} />
  }
  if (record.type === 'oauth.session.end' && isDerived(session.end, record)) {
    return <DerivedMark which="end" boundary={session.end} />
  }
  return null
}

function isDerived(
  boundary: SessionBoundary | null,
  record: RecordRow,
): boundary is SessionBoundary {
  return boundary !== null && boundary.derived && boundary.time === record.time
}

function millisBetween(earlier: string, later: string): number {
  const from = parseMoment(earlier)
  const to = parseMoment(later)
  return from === null || to === null ? 0 : to.millis - from.millis
}
