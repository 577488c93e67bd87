import type { VNode } from 'preact'

import type { RecordRow } from '../../../src/api-types.ts'
import { shortenHash } from '../format.ts'
import { describeEvent, isPlainRequest, toneOf } from '../record-words.ts'
import { formatRoute } from '../router.ts'
import { FilterLink } from './filter-link.tsx'
import { MissingScopes, RecordOutcome, RecordTitle } from './record-summary.tsx'
import { TimeText } from './time-text.tsx'
import { Who } from './who.tsx'

/** Titles of the columns of {@link RecordTableRow}. */
export const RECORD_COLUMNS: readonly string[] = [
  'Time',
  'What',
  'Outcome',
  'Who',
  'Client',
  'From',
  'Service',
]

/** A record as a row of a table; the whole row leads to it. */
export function RecordTableRow(props: { record: RecordRow; fresh: boolean }): VNode {
  const { record, fresh } = props
  const href = formatRoute({ view: 'record', uid: record.uid })
  return (
    <tr class={`row tone-${toneOf(record)}${fresh ? ' fresh' : ''}`}>
      <td data-label="Time">
        <TimeText at={record.time} />
      </td>
      <td data-label="What">
        <a class="row-link" href={href}>
          <RecordTitle record={record} />
        </a>
        {record.method !== null && !isPlainRequest(record) && (
          <span class="sub">{describeEvent(record.type)}</span>
        )}
      </td>
      <td data-label="Outcome">
        <RecordOutcome record={record} />
        <MissingScopes record={record} />
      </td>
      <td data-label="Who">
        <RecordWho record={record} />
      </td>
      <td data-label="Client">
        {record.client !== null && (
          <FilterLink view="records" name="client" value={record.client} />
        )}
      </td>
      <td data-label="From">
        {record.address !== null && <span class="mono">{record.address}</span>}
        {record.userAgent !== null && <span class="sub clip">{record.userAgent}</span>}
      </td>
      <td data-label="Service" class="nowrap">
        <FilterLink view="records" name="service" value={record.service} />
      </td>
    </tr>
  )
}

function RecordWho({ record }: { record: RecordRow }): VNode | null {
  if (toneOf(record) === 'recorder') return <span class="none">the recorder</span>
  const isNobody = record.user === null && record.client === null
  return (
    <>
      <Who subject={record} />
      {isNobody && record.token !== null && (
        <span class="sub">
          token{' '}
          <FilterLink
            view="records"
            name="token"
            value={record.token}
            label={shortenHash(record.token, 5)}
            mono
          />
        </span>
      )}
    </>
  )
}
