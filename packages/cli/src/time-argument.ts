import { CliError } from './errors.ts'

const ISO = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/

/**
 * Reads a point in time from the command line: ISO 8601 (UTC when it names no zone).
 *
 * @throws {CliError} `ERR_CLI_USAGE` naming the flag, the value and the form
 */
export function parseTimeArgument(flag: string, value: string): bigint {
  const zoned = /T.*(Z|[+-]\d{2}:\d{2})$/.test(value) || !value.includes('T') ? value : `${value}Z`
  const millis = ISO.test(value) ? Date.parse(zoned) : Number.NaN
  if (Number.isNaN(millis)) {
    throw new CliError(
      'ERR_CLI_USAGE',
      `--${flag} must be a time such as 2026-11-24T10:00:00Z, not "${value}"`,
    )
  }
  return BigInt(millis) * 1_000_000n
}
