import type { VNode } from 'preact'
import { useRef } from 'preact/hooks'

import type { RecordResponse, RecordRow } from '../../../src/api-types.ts'
import { useApp } from '../app-context.ts'
import { DerivedMark } from '../components/boundary-text.tsx'
import { CanonicalText } from '../components/canonical-text.tsx'
import { Fact } from '../components/fact.tsx'
import { FilterLink, FilterLinks } from '../components/filter-link.tsx'
import { ErrorNotice, LoadingNotice } from '../components/notice.tsx'
import { ProofPanel } from '../components/proof-panel.tsx'
import { RecordOutcome, RecordTitle } from '../components/record-summary.tsx'
import { TimeText } from '../components/time-text.tsx'
import { Who } from '../components/who.tsx'
import { formatCount } from '../format.ts'
import { describeRecord, toneOf } from '../record-words.ts'
import { formatRoute } from '../router.ts'
import { useResource } from '../use-resource.ts'

/** One record: what it says, the evidence itself, and its proof. */
export function RecordView({ uid }: { uid: string }): VNode {
  const { api, overview } = useApp()
  const isOwn = (origin: string): boolean => uid.startsWith(`${origin}.`)
  const isBroken = (overview.logs.value ?? []).some(
    (log) => log.state === 'broken' && isOwn(log.origin),
  )
  // A proven record is left in peace while it is read: every later head would redraw its proof.
  const isProven = useRef(false)
  const { value, error, reload } = useResource(
    `record ${uid}${isBroken ? ' of a broken log' : ''}`,
    (signal) => api.record(uid, signal),
    (change) => !isProven.current && change.logs.some(isOwn),
  )
  isProven.current = value?.proof.state === 'proven'
  if (value === null && error !== null) return <ErrorNotice error={error} retry={reload} />
  if (value === null) return <LoadingNotice what="the record" />
  return <RecordPage {...value} />
}

function RecordPage({ record, text, proof }: RecordResponse): VNode {
  const which = boundaryOf(record)
  const isDerived = which !== null && readDerived(text)
  const boundary = { time: record.time, reason: record.reason ?? 'unknown', derived: isDerived }
  return (
    <>
      <div class="view-head">
        <div>
          <p class="crumb">
            {record.session === null ? (
              <a href="#/records">Records</a>
            ) : (
              <a href={formatRoute({ view: 'session', id: record.session })}>Session</a>
            )}
          </p>
          <h1 tabindex={-1}>
            <RecordTitle record={record} />
          </h1>
        </div>
        <div class="outcome">
          <RecordOutcome record={record} />
          {which !== null && isDerived && <DerivedMark which={which} boundary={boundary} />}
        </div>
      </div>
      <p class="lead">{describeRecord(record)}</p>
      <RecordFacts record={record} />
      <div class="columns">
        <CanonicalText text={text} />
        <ProofPanel text={text} proof={proof} />
      </div>
      <Neighbours record={record} />
    </>
  )
}

function boundaryOf(record: RecordRow): 'start' | 'end' | null {
  if (record.type === 'oauth.session.start') return 'start'
  return record.type === 'oauth.session.end' ? 'end' : null
}

/** Whether the evidence says that the sessionizer derived this start or end. */
function readDerived(text: string): boolean {
  const record = JSON.parse(text) as { attributes?: { [name: string]: unknown } }
  return record.attributes?.['oauth.session.derived'] === true
}

function RecordFacts({ record }: { record: RecordRow }): VNode {
  return (
    <dl class="facts panel">
      <Fact name="Time">
        <TimeText at={record.time} long />
      </Fact>
      {toneOf(record) !== 'recorder' && (
        <Fact name="Who">
          <Who subject={record} />
        </Fact>
      )}
      <ValueFact name="Client" filter="client" value={record.client} />
      <ValueFact name="Session" filter="session" value={record.session} mono />
      <ValueFact name="Token" filter="token" value={record.token} mono />
      <ValueFact name="Trace" filter="trace" value={record.trace} mono />
      {record.scopes.length > 0 && (
        <Fact name="Scopes">
          <FilterLinks view="records" name="scope" values={record.scopes} />
        </Fact>
      )}
      {record.missingScopes.length > 0 && (
        <Fact name="Missing scopes">
          <FilterLinks view="records" name="scope" values={record.missingScopes} />
        </Fact>
      )}
      {record.errorCode !== null && (
        <Fact name="Error code">
          <code>{record.errorCode}</code>
        </Fact>
      )}
      {record.address !== null && (
        <Fact name="From">
          <span class="mono">{record.address}</span>
          {record.userAgent !== null && <span class="sub">{record.userAgent}</span>}
        </Fact>
      )}
      {record.frameworks.length > 0 && (
        <Fact name="Frameworks">
          <FilterLinks view="records" name="framework" values={record.frameworks} />
        </Fact>
      )}
      <ValueFact name="Service" filter="service" value={record.service} />
      <Fact name="Event">
        <FilterLink view="records" name="event" value={record.type} mono />
      </Fact>
    </dl>
  )
}

function ValueFact(props: {
  name: string
  filter: 'client' | 'session' | 'token' | 'trace' | 'service'
  value: string | null
  mono?: boolean
}): VNode | null {
  const { name, filter, value, mono = false } = props
  if (value === null) return null
  return (
    <Fact name={name}>
      <FilterLink view="records" name={filter} value={value} mono={mono} />
    </Fact>
  )
}

function Neighbours({ record }: { record: RecordRow }): VNode {
  const at = (index: number): string =>
    formatRoute({ view: 'record', uid: `${record.log}.${index}` })
  return (
    <nav class="neighbours" aria-label="Neighbours in the log">
      {record.index > 0 && <a href={at(record.index - 1)}>← Record {record.index - 1}</a>}
      <span class="sub">
        record {formatCount(record.index)} of <span class="mono">{record.log}</span>
      </span>
      <a href={at(record.index + 1)}>Record {record.index + 1} →</a>
    </nav>
  )
}
