import { CliError } from './errors.ts'

const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}(?::\d{2})?)(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})?)?$/

/**
 * Reads a point in time from the command line: ISO 8601, a date alone for its first moment; UTC
 * when it names no zone.
 *
 * @returns Nanoseconds since 1970 UTC.
 * @throws {CliError} `ERR_CLI_USAGE` naming the flag, the value and the form
 */
export function parseTimeArgument(flag: string, value: string): bigint {
  const [, date = '', clock = '00:00', fraction = '', zone = 'Z'] = ISO.exec(value) ?? []
  const millis = Date.parse(`${date}T${clock}${zone}`)
  if (Number.isNaN(millis) || !isCalendarDate(date)) {
    throw new CliError(
      'ERR_CLI_USAGE',
      `--${flag} must be a time such as 2026-11-24T10:00:00Z, not "${value}"`,
    )
  }
  return BigInt(millis) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
}

/** `Date.parse` takes 31 February for 3 March. */
function isCalendarDate(date: string): boolean {
  return new Date(`${date}T00:00Z`).toISOString().startsWith(date)
}
