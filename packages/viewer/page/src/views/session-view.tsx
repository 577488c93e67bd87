import type { VNode } from 'preact'

import type { SessionResponse, SessionSummary } from '../../../src/api-types.ts'
import { useApp } from '../app-context.ts'
import { ActivityStrip } from '../components/activity-strip.tsx'
import { Badge } from '../components/badge.tsx'
import { BoundaryText } from '../components/boundary-text.tsx'
import { Fact } from '../components/fact.tsx'
import { FilterLink, FilterLinks } from '../components/filter-link.tsx'
import { ErrorNotice, LoadingNotice } from '../components/notice.tsx'
import { SessionEnd } from '../components/session-row.tsx'
import { AgeText, TimeText } from '../components/time-text.tsx'
import { Timeline } from '../components/timeline.tsx'
import { TokenCard } from '../components/token-card.tsx'
import { formatCount, formatPlural } from '../format.ts'
import { formatFilterRoute } from '../router.ts'
import { describeDerivation, describeWho } from '../session-words.ts'
import { useResource } from '../use-resource.ts'

/** The API gives no more records of a session than this at once. */
const MAX_RECORDS = 1_000

/** One session: who, since when, with what, and everything that happened. */
export function SessionView({ id }: { id: string }): VNode {
  const { api } = useApp()
  const { value, error, reload } = useResource(
    `session ${id}`,
    (signal) => api.session(id, signal),
    (change) => change.sessions.includes(id),
  )
  if (value === null && error !== null) return <ErrorNotice error={error} retry={reload} />
  if (value === null) return <LoadingNotice what="the session" />
  return <SessionPage {...value} />
}

function SessionPage({ session, tokens, records }: SessionResponse): VNode {
  return (
    <>
      <SessionHead session={session} />
      <SessionFacts session={session} />
      {tokens.length > 0 && (
        <section aria-labelledby="tokens-title">
          <h2 id="tokens-title">{tokens.length === 1 ? 'Token' : 'Tokens'}</h2>
          <div class="cards">
            {tokens.map((token) => (
              <TokenCard key={token.fingerprint} token={token} />
            ))}
          </div>
        </section>
      )}
      <section aria-labelledby="timeline-title">
        <h2 id="timeline-title">What happened</h2>
        <ActivityStrip records={records} />
        <Timeline session={session} records={records} />
        {records.length >= MAX_RECORDS && (
          <p>
            {formatCount(MAX_RECORDS)} records are shown.{' '}
            <a href={formatFilterRoute('records', 'session', session.id)}>See all</a>.
          </p>
        )}
      </section>
    </>
  )
}

function SessionHead({ session }: { session: SessionSummary }): VNode {
  const who = describeWho(session)
  return (
    <div class="view-head">
      <div>
        <p class="crumb">
          <a href="#/sessions">Sessions</a>
        </p>
        <h1 tabindex={-1}>
          <span class={who.kind === 'pseudonym' ? 'mono' : undefined}>{who.name}</span>
          {session.client !== null && who.name !== session.client && (
            <span class="with"> with {session.client}</span>
          )}
        </h1>
        {who.pseudonym !== null && <p class="sub mono">{who.pseudonym}</p>}
      </div>
      <Badge tone={session.active ? 'good' : 'plain'}>{session.active ? 'active' : 'ended'}</Badge>
    </div>
  )
}

function SessionFacts({ session }: { session: SessionSummary }): VNode {
  return (
    <dl class="facts panel">
      <Fact name="Start">
        {session.start === null ? (
          <span class="none">not seen</span>
        ) : (
          <BoundaryText which="start" boundary={session.start} long />
        )}
      </Fact>
      <Fact name="End">
        <SessionEnd session={session} long />
      </Fact>
      <Fact name="Requests">
        {formatCount(session.requests)}
        {session.rejections > 0 && (
          <span class="refused">, {formatPlural(session.rejections, 'refusal')}</span>
        )}
      </Fact>
      <Fact name="Last seen">
        <TimeText at={session.lastSeen} long /> <span class="sub-inline">(</span>
        <AgeText at={session.lastSeen} />
        <span class="sub-inline">)</span>
      </Fact>
      <Fact name="Client">
        {session.client === null ? (
          <span class="none">unknown</span>
        ) : (
          <FilterLink view="sessions" name="client" value={session.client} />
        )}
      </Fact>
      <Fact name="Issuer">{session.issuer ?? <span class="none">unknown</span>}</Fact>
      <Fact name="Scopes">
        <FilterLinks view="sessions" name="scope" values={session.scopes} />
      </Fact>
      <Fact name="Services">
        <FilterLinks view="sessions" name="service" values={session.services} />
      </Fact>
      <Fact name="Frameworks">
        <FilterLinks view="sessions" name="framework" values={session.frameworks} />
      </Fact>
      <Fact name="Session id">
        <span class="mono hash">{session.id}</span>
        <span class="sub">joined by {describeDerivation(session.derivation)}</span>
      </Fact>
    </dl>
  )
}
