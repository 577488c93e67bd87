import { SEVERITY_RULES } from './generated/severities.ts'

const INFO = 9

/** INFO, WARN, ERROR, FATAL: what an event whose severity is an attribute may ask for. */
const ASKED: ReadonlySet<unknown> = new Set([INFO, 13, 17, 21])

/**
 * Says the OTLP SeverityNumber of an event, as the registry has it; INFO 9 for an event that it
 * does not know. The demand for a DPoP nonce (RFC 9449 §8) is a rejection by form but a normal
 * step, so INFO 9; an alert has the severity of its rule (`tokentrail.alert.severity`: 9, 13, 17 or
 * 21; else WARN 13).
 */
export function severityOf(
  type: string,
  attributes: { readonly [name: string]: unknown } = {},
): number {
  const rule = SEVERITY_RULES.get(type)
  if (rule === undefined) return INFO
  const { severityNumber, exceptions, attribute } = rule
  if (exceptions !== undefined) {
    for (const exception of exceptions) {
      if (attributes[exception.attribute] === exception.value) return exception.severityNumber
    }
  }
  if (attribute === undefined) return severityNumber
  const asked = attributes[attribute]
  return typeof asked === 'number' && ASKED.has(asked) ? asked : severityNumber
}
