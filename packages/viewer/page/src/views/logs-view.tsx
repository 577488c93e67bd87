import type { VNode } from 'preact'

import type { LogFinding, LogState } from '../../../src/api-types.ts'
import { useApp } from '../app-context.ts'
import { Badge } from '../components/badge.tsx'
import { Fact } from '../components/fact.tsx'
import { ErrorNotice, FirstHourNotice, LoadingNotice } from '../components/notice.tsx'
import { AgeText, TimeText } from '../components/time-text.tsx'
import { formatCount, formatPlural } from '../format.ts'
import { countBeyondHole, countUnsigned, describeLog } from '../log-words.ts'
import { formatRoute } from '../router.ts'
import { formatDuration } from '../time.ts'

/** Proof state of every log. */
export function LogsView(): VNode {
  const { overview } = useApp()
  const logs = overview.logs.value
  return (
    <>
      <div class="view-head">
        <h1 tabindex={-1}>Logs</h1>
      </div>
      <p class="lead">
        One log per run of a service. A log is tamper-evident: what was altered, removed, inserted
        or reordered below a signed head shows.
      </p>
      <LogList logs={logs} />
    </>
  )
}

function LogList({ logs }: { logs: readonly LogState[] | null }): VNode {
  const { overview } = useApp()
  const error = overview.error.value
  if (logs === null && error !== null) {
    return <ErrorNotice error={error} retry={overview.refresh} />
  }
  if (logs === null) return <LoadingNotice what="the logs" />
  if (logs.length === 0) return <FirstHourNotice />
  return (
    <div class="cards logs">
      {logs.toSorted(byGravity).map((log) => (
        <LogCard key={log.origin} log={log} />
      ))}
      {overview.omittedLogs.value > 0 && (
        <p class="sub note">
          {formatPlural(overview.omittedLogs.value, 'more log')} from before: sealed, and without a
          finding.
        </p>
      )}
      {logs.some((log) => log.selfIssued) && <SelfIssuedNote />}
    </div>
  )
}

function LogCard({ log }: { log: LogState }): VNode {
  const { title, sentence, tone } = describeLog(log)
  const beyond = countBeyondHole(log)
  return (
    <article class={`card log log-${tone}`}>
      <header>
        <h2>
          {log.service} <span class="with">{log.slot}</span>
        </h2>
        <Badge tone={tone}>{title.toLowerCase()}</Badge>
        {log.selfIssued && <Badge tone="plain">self-issued key</Badge>}
      </header>
      <p>{sentence}</p>
      <SignedBar log={log} />
      <dl class="facts">
        <Fact name="Last signed head">
          {log.signedAt === null ? (
            <span class="none">none yet</span>
          ) : (
            <AgeText at={log.signedAt} />
          )}
        </Fact>
        <Fact name="Last record">
          {log.lastRecordAt === null ? (
            <span class="none">none</span>
          ) : (
            <AgeText at={log.lastRecordAt} />
          )}
        </Fact>
        <Fact name="Opened">
          {log.openedAt === null ? (
            <span class="none">not seen</span>
          ) : (
            <TimeText at={log.openedAt} />
          )}
        </Fact>
        {log.state === 'unsealed' && (
          <Fact name="Unsealed for">{formatDuration(log.unsealedSeconds * 1_000)}</Fact>
        )}
      </dl>
      {beyond > 0 && (
        <p class="stale">
          {formatPlural(beyond, 'record')} arrived after a hole: record {formatCount(log.size)} has
          not arrived yet.
        </p>
      )}
      <Findings log={log} />
      <p class="sub mono origin">{log.origin}</p>
    </article>
  )
}

function SignedBar({ log }: { log: LogState }): VNode {
  const unsigned = countUnsigned(log)
  return (
    <div class="signed">
      <progress
        value={Math.min(log.signedSize, log.size)}
        max={Math.max(1, log.size)}
        aria-label="Records under a signed head"
      />
      <span>
        {formatCount(Math.min(log.signedSize, log.size))} of {formatPlural(log.size, 'record')}{' '}
        under a signed head
        {unsigned > 0 && <span class="sub-inline">, {formatCount(unsigned)} waiting</span>}
      </span>
    </div>
  )
}

function Findings({ log }: { log: LogState }): VNode | null {
  if (log.findings.length === 0) return null
  return (
    <ul class="findings">
      {log.findings.map((finding) => (
        <li key={`${finding.verdict} ${finding.index} ${finding.message}`}>
          <code>{finding.verdict}</code> {finding.message}{' '}
          <FindingLink log={log} finding={finding} />
        </li>
      ))}
    </ul>
  )
}

function FindingLink({ log, finding }: { log: LogState; finding: LogFinding }): VNode | null {
  if (finding.index === undefined) return null
  const href = formatRoute({ view: 'record', uid: `${log.origin}.${finding.index}` })
  return <a href={href}>record {formatCount(finding.index)}</a>
}

function SelfIssuedNote(): VNode {
  return (
    <p class="sub note">
      A self-issued key was made at first start and vouches for itself. A rewrite of a whole log by
      whoever holds the key is visible only against an outside anchor (witness, write-once copy,
      timestamp, successor log).
    </p>
  )
}

const GRAVITY: { readonly [State in LogState['state']]: number } = {
  broken: 0,
  unsealed: 1,
  running: 2,
  sealed: 3,
}

function byGravity(a: LogState, b: LogState): number {
  return GRAVITY[a.state] - GRAVITY[b.state] || (a.origin < b.origin ? 1 : -1)
}
