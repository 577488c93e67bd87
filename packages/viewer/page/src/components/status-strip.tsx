import type { VNode } from 'preact'

import { useApp } from '../app-context.ts'
import { formatPlural } from '../format.ts'
import { describeLogs } from '../log-words.ts'
import { CountText } from './count-text.tsx'

/** One line that stands on every view: is it live, how much is there, does it hold. */
export function StatusStrip(): VNode {
  const { overview } = useApp()
  const status = overview.status.value
  return (
    <div class="strip">
      <ConnectionText />
      {status !== null && (
        <span class="strip-counts">
          <span>
            <CountText value={status.records} /> records
          </span>
          <span>
            <CountText value={status.sessions} /> sessions
          </span>
          <span>
            <CountText value={status.rejections} /> refusals
          </span>
        </span>
      )}
      <ProofText />
      <PauseButton />
    </div>
  )
}

function ConnectionText(): VNode {
  const { live, paused } = useApp()
  const connection = live.connection.value
  const still = paused.value && connection === 'live'
  const words = { live: 'Live', connecting: 'Connecting…', reconnecting: 'Reconnecting…' }
  return (
    <span class={`connection connection-${still ? 'paused' : connection}`} role="status">
      {still ? 'Paused' : words[connection]}
    </span>
  )
}

function ProofText(): VNode | null {
  const { overview } = useApp()
  const logs = overview.logs.value
  if (logs === null) return null
  const { sentence, tone } = describeLogs(
    logs,
    overview.status.value?.alarmCount,
    overview.omittedLogs.value,
  )
  return (
    <a class={`proof-state proof-${tone}`} href="#/logs">
      <span class="visually-hidden">
        Proof state of {formatPlural(logs.length + overview.omittedLogs.value, 'log')}:{' '}
      </span>
      {sentence}
    </a>
  )
}

function PauseButton(): VNode {
  const { paused } = useApp()
  return (
    <button
      type="button"
      class="button small pause"
      aria-pressed={paused.value}
      title={paused.value ? 'Take up changes again' : 'Keep the page still while you read'}
      onClick={() => {
        paused.value = !paused.peek()
      }}
    >
      {paused.value ? 'Resume' : 'Pause'}
    </button>
  )
}
