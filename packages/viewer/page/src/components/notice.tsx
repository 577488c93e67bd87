import type { ComponentChildren, VNode } from 'preact'

import { useApp } from '../app-context.ts'
import { ApiError } from '../api.ts'

/** A panel that says why there is nothing to see, and what to do. */
export function Notice(props: {
  title: string
  tone?: 'calm' | 'bad'
  children: ComponentChildren
}): VNode {
  const { tone = 'calm' } = props
  return (
    <div class={`notice notice-${tone}`} role={tone === 'bad' ? 'alert' : undefined}>
      <h2>{props.title}</h2>
      {props.children}
    </div>
  )
}

/** Something is on its way. */
export function LoadingNotice({ what }: { what: string }): VNode {
  return (
    <p class="loading" role="status">
      Loading {what}…
    </p>
  )
}

/** Nothing has been recorded yet: says how to begin. */
export function FirstHourNotice(): VNode {
  const { overview } = useApp()
  const endpoint = overview.status.value?.otlpUrl
  return (
    <Notice title="No records yet">
      <p>Start your service with the recorder in front of it; nothing in its code changes:</p>
      <pre class="command">
        {endpoint !== undefined && `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT=${endpoint} \\\n`}
        node --import @tokentrail/node/register app.js
      </pre>
      <p>
        Then make a request with a token. It appears here within a second. If it does not,{' '}
        <code>npx tokentrail doctor -- node app.js</code> says which hooks are live.
      </p>
    </Notice>
  )
}

/** A call failed: says what happened and what to do about it. */
export function ErrorNotice(props: {
  error: unknown
  retry: () => void
  /** Undoes what was refused, where the reader can. */
  onClear?: (() => void) | undefined
}): VNode {
  const kind = props.error instanceof ApiError ? props.error.kind : 'unreadable'
  const titles = {
    unreachable: 'The viewer does not answer',
    refused: 'The viewer did not accept this',
    missing: 'There is no such thing here',
    unreadable: 'Something went wrong on this page',
  }
  return (
    <Notice title={titles[kind]} tone="bad">
      <p>{adviseOn(props.error)}</p>
      {kind === 'refused' && props.onClear !== undefined ? (
        <button type="button" class="button" onClick={props.onClear}>
          Clear filters
        </button>
      ) : (
        <button type="button" class="button" onClick={props.retry}>
          Try again
        </button>
      )}
    </Notice>
  )
}

function adviseOn(error: unknown): string {
  if (!(error instanceof ApiError)) return 'Reload the page; if it happens again, please report it.'
  if (error.kind === 'unreachable') {
    return 'Is it still running? Records are not lost meanwhile: each service keeps them in its journal until they are delivered.'
  }
  return error.message
}
