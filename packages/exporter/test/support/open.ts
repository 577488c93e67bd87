import { onTestFinished } from 'vitest'
import {
  type ExporterOptions,
  type HealthEvent,
  type OpenLogOptions,
  type RecordLog,
  loadOrCreateKeys,
  openLog,
  resolveExporterOptions,
} from '@tokentrail/exporter'
import type { RecordDraft } from '@tokentrail/session'

export interface TestLog {
  readonly log: RecordLog
  readonly health: HealthEvent[]
}

/** Opens a log with short waits, and shuts it down when the test ends. */
export function openTestLog(
  options: ExporterOptions & { readonly directory: string },
  more: Partial<OpenLogOptions> = {},
): TestLog {
  const health: HealthEvent[] = []
  const settings = resolveExporterOptions(
    {
      slot: 'slot-0',
      resource: { 'service.name': 'orders' },
      endpoint: 'http://127.0.0.1:9/v1/logs',
      batchDelayMillis: 5,
      minBackoffMillis: 5,
      maxBackoffMillis: 40,
      ...options,
    },
    {},
  )
  const log = openLog({
    settings,
    keys: loadOrCreateKeys(settings),
    recorderVersion: '0.1.0',
    onHealth: (event) => health.push(event),
    ...more,
  })
  onTestFinished(async () => void (await log.shutdown(0)))
  return { log, health }
}

/** A request as a recorder would describe it; `number` makes it recognisable. */
export function requestDraft(number: number, frameworks?: readonly string[]): RecordDraft {
  return {
    type: 'oauth.request',
    time: `17954700${String(number).padStart(11, '0')}`,
    session: 'QaInQnUtCl_CHk5vEBVr8A',
    attributes: {
      'http.request.method': 'GET',
      'http.response.status_code': 200,
      'http.route': `/v1/orders/${number}`,
      ...(frameworks ? { 'compliance.framework': frameworks } : {}),
    },
  }
}
