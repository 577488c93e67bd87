import { EVENTS, type EventDefinition } from '@tokentrail/semantic-conventions'
import type { Attributes } from '../record.ts'

const INFO = 9

/** INFO, WARN, ERROR, FATAL: what an event whose severity is an attribute may ask for. */
const SEVERITIES: ReadonlySet<unknown> = new Set([INFO, 13, 17, 21])

const DEFINITIONS: ReadonlyMap<string, EventDefinition> = new Map(Object.entries(EVENTS))

/**
 * Says the OTLP SeverityNumber of an event, as the registry has it; INFO 9 for an event that it
 * does not know. The demand for a DPoP nonce (RFC 9449 §8) is a rejection by form but a normal
 * step, so INFO 9; an alert has the severity of its rule (`tokentrail.alert.severity`: 9, 13, 17 or
 * 21; else WARN 13).
 */
export function severityOf(type: string, attributes: Attributes = {}): number {
  const definition = DEFINITIONS.get(type)
  if (definition === undefined) return INFO
  const { severityAttribute, severityExceptions, severityNumber } = definition
  for (const exception of severityExceptions) {
    if (attributes[exception.attribute] === exception.value) return exception.severityNumber
  }
  if (severityAttribute === undefined) return severityNumber
  const asked = attributes[severityAttribute]
  return typeof asked === 'number' && SEVERITIES.has(asked) ? asked : severityNumber
}
