import type { Attributes } from './record.ts'

const INFO = 9
const WARN = 13
const ERROR = 17

const SEVERITY: ReadonlyMap<string, number> = new Map([
  ['oauth.request.rejected', WARN],
  ['oauth.request.rejected.aggregate', WARN],
  ['oauth.client.changed', WARN],
  ['tokentrail.log.checkpoint', 5],
  ['tokentrail.log.recovered', WARN],
  ['tokentrail.journal.damage', ERROR],
  ['tokentrail.recorder.gap', ERROR],
  ['tokentrail.recorder.loss', ERROR],
  ['tokentrail.delivery.rejected', WARN],
  ['tokentrail.policy.changed', WARN],
])

/** Severities that the rule of an alert may ask for: INFO, WARN, ERROR, FATAL. */
const ALERT: ReadonlySet<unknown> = new Set([INFO, WARN, ERROR, 21])

/**
 * Says the OTLP SeverityNumber of an event: INFO 9 where the table of the registry names no other.
 * The demand for a DPoP nonce (RFC 9449 §8) is a rejection by form but a normal step, so INFO 9; an
 * alert has the severity of its rule (`tokentrail.alert.severity`: 9, 13, 17 or 21; else WARN 13).
 */
export function severityOf(type: string, attributes?: Attributes): number {
  if (type === 'oauth.request') return INFO
  if (type === 'tokentrail.alert.raised') return alertSeverity(attributes)
  if (attributes?.['oauth.rejection.reason'] === 'nonce_required') return INFO
  return SEVERITY.get(type) ?? INFO
}

function alertSeverity(attributes: Attributes | undefined): number {
  const severity = attributes?.['tokentrail.alert.severity']
  return typeof severity === 'number' && ALERT.has(severity) ? severity : WARN
}
