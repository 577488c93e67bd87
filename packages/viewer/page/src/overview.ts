import { batch, signal, type ReadonlySignal } from '@preact/signals'

import type { LogState, StatusResponse } from '../../src/api-types.ts'
import type { Api } from './api.ts'
import { createCoalescer } from './coalesce.ts'
import type { LiveStream } from './live-stream.ts'

/** Counts and proof state of the whole viewer: every view shows them. */
export interface Overview {
  readonly status: ReadonlySignal<StatusResponse | null>
  readonly logs: ReadonlySignal<readonly LogState[] | null>
  /** Sealed logs without a finding that are not among them. */
  readonly omittedLogs: ReadonlySignal<number>
  readonly error: ReadonlySignal<unknown>
  readonly refresh: () => void
}

/** Least time between two queries, however much changes. */
const GAP_MILLIS = 900

/** Ages of heads grow and logs fall silent without any change arriving: look again this often. */
const IDLE_MILLIS = 15_000

/** Follows the overview for as long as the page lives. */
export function followOverview(api: Api, live: LiveStream): Overview {
  const status = signal<StatusResponse | null>(null)
  const logs = signal<readonly LogState[] | null>(null)
  const omittedLogs = signal(0)
  const error = signal<unknown>(null)
  const load = async (): Promise<void> => {
    try {
      const [nextStatus, nextLogs] = await Promise.all([api.status(), api.logs()])
      batch(() => {
        status.value = nextStatus
        logs.value = nextLogs.logs
        omittedLogs.value = nextLogs.omitted
        error.value = null
      })
    } catch (cause) {
      error.value = cause
    }
  }
  const loading = createCoalescer(load, GAP_MILLIS)
  live.subscribe(() => loading.request())
  setInterval(() => loading.request(), IDLE_MILLIS)
  loading.request()
  return { status, logs, omittedLogs, error, refresh: () => loading.request() }
}
