/** Names that proto3 JSON allows for the numbers of `SeverityNumber` (opentelemetry-proto). */
const ENUM_NAME = /^SEVERITY_NUMBER_(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)([234]?)$/
const DECIMAL = /^[0-9]+$/
const RANGES = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL']

/**
 * Reads a severity number, which stores that keep texts give as one; `undefined` where there is
 * none, NaN for what cannot be one.
 */
export function readSeverity(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (typeof value === 'number') return value
  if (typeof value !== 'string') return Number.NaN
  if (value === 'SEVERITY_NUMBER_UNSPECIFIED') return 0
  const [, range = '', step = ''] = ENUM_NAME.exec(value) ?? []
  return range === ''
    ? Number(DECIMAL.test(value) ? value : Number.NaN)
    : RANGES.indexOf(range) * 4 + Number(step || '1')
}
