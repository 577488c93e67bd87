import type { VNode } from 'preact'

import type { RecordRow } from '../../../src/api-types.ts'
import { describeEvent, toneOf } from '../record-words.ts'
import { explainRejection } from '../rejection-words.ts'
import { formatFilterRoute } from '../router.ts'
import { describeEnd, describeStart } from '../session-words.ts'
import { Badge, type BadgeTone } from './badge.tsx'

/** What a record is about: the request, or the name of the event. */
export function RecordTitle({ record }: { record: RecordRow }): VNode {
  if (record.method === null && record.route === null) {
    return <span class="strong">{describeEvent(record.type)}</span>
  }
  return (
    <span class="mono request">
      <span class="method">{record.method}</span> {record.route}
    </span>
  )
}

/** How it went: status of a request, reason of a refusal, of a start or of an end. */
export function RecordOutcome({ record }: { record: RecordRow }): VNode | null {
  const tone = toneOf(record)
  if (tone === 'deny') {
    const words = explainRejection(record.reason)
    return (
      <>
        <Badge tone="bad" title={words.sentence}>
          {record.status === null ? 'refused' : `${record.status} refused`}
        </Badge>{' '}
        {record.reason === null ? (
          <span class="refused outcome-title">{words.title}</span>
        ) : (
          <a
            class="filter-link refused outcome-title"
            href={formatFilterRoute('refusals', 'reason', record.reason)}
            title={words.sentence}
          >
            {words.title}
          </a>
        )}
      </>
    )
  }
  if (tone === 'session') {
    const boundary = { time: record.time, reason: record.reason ?? 'unknown', derived: false }
    const start = record.type === 'oauth.session.start'
    return <Badge tone="calm">{start ? describeStart(boundary) : describeEnd(boundary)}</Badge>
  }
  if (tone !== 'allow' && tone !== 'fail') return null
  const badge: BadgeTone = tone === 'allow' ? 'good' : 'warn'
  return <Badge tone={badge}>{record.status ?? 'never finished'}</Badge>
}

/** Scopes that a refused request would have needed. */
export function MissingScopes({ record }: { record: RecordRow }): VNode | null {
  if (record.missingScopes.length === 0) return null
  return (
    <span class="sub">
      needs <span class="mono">{record.missingScopes.slice(0, 6).join(' ')}</span>
      {record.missingScopes.length > 6 && ` and ${record.missingScopes.length - 6} more`}
    </span>
  )
}
