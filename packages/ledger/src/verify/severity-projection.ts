import { SEVERITY_RULES } from '../generated/severities.ts'
import { severityOf } from '../severity.ts'
import type { ExportedRecord } from './exported-record.ts'

/** Names of the ranges of severity numbers, four each, from 1 (OpenTelemetry log data model). */
const RANGE_NAMES = [
  ['TRACE'],
  ['DEBUG'],
  ['INFO', 'INFORMATION'],
  ['WARN', 'WARNING'],
  ['ERROR'],
  ['FATAL', 'CRITICAL'],
]

/**
 * Is this the severity that the text implies? An absent one is, and `0`, which says that there is
 * none; of a type that this version does not know nothing is implied.
 */
export function isSameSeverity(exported: ExportedRecord, type: string): boolean {
  const { severityNumber = 0, body } = exported
  if (severityNumber === 0) return true
  const implied = impliedSeverity(type, body)
  return implied === undefined || severityNumber === implied
}

/** The same of its name, which a recorder leaves out: whoever adds it must not say another. */
export function isSameSeverityText({ severityText, body }: ExportedRecord, type: string): boolean {
  if (!severityText) return true
  const implied = impliedSeverity(type, body)
  if (implied === undefined) return true
  const [, name = '', step = ''] = /^([A-Z]+)([234]?)$/.exec(severityText.toUpperCase()) ?? []
  const place = (implied - 1) % 4
  const names = RANGE_NAMES[(implied - 1 - place) / 4] ?? []
  return names.includes(name) && step === (place === 0 ? '' : String(place + 1))
}

function impliedSeverity(type: string, text: string): number | undefined {
  const rule = SEVERITY_RULES.get(type)
  if (rule === undefined) return undefined
  // In a canonical text these characters are a member or its name is not there; no need to parse.
  const isExceptional = rule.exceptions?.some(({ attribute, value }) =>
    text.includes(`${JSON.stringify(attribute)}:${JSON.stringify(value)}`),
  )
  if (rule.attribute === undefined && isExceptional !== true) return rule.severityNumber
  const { attributes } = JSON.parse(text) as { readonly attributes?: unknown }
  const isObject = typeof attributes === 'object' && attributes !== null
  return severityOf(type, isObject ? (attributes as { readonly [name: string]: unknown }) : {})
}
