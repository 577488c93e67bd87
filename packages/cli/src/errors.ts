/** Codes of {@link CliError}. */
export type CliErrorCode = 'ERR_CLI_USAGE' | 'ERR_CLI_INPUT'

/**
 * Thrown when a command cannot be followed (`ERR_CLI_USAGE`, exit code 2) or its input cannot be
 * used (`ERR_CLI_INPUT`, exit code 1). The message names the thing, the place and the remedy.
 */
export class CliError extends Error {
  override readonly name: string = 'CliError'
  readonly code: CliErrorCode

  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
