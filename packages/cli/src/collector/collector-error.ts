/** Codes of {@link CollectorError}. */
export type CollectorErrorCode =
  | 'ERR_CLI_COLLECTOR_UNUSABLE'
  | 'ERR_CLI_COLLECTOR_PORT_IN_USE'
  | 'ERR_CLI_COLLECTOR_QUEUE_IN_USE'
  | 'ERR_CLI_COLLECTOR_CONFIG_REFUSED'
  | 'ERR_CLI_COLLECTOR_FOLDER_UNWRITABLE'
  | 'ERR_CLI_COLLECTOR_NOT_READY'
  | 'ERR_CLI_COLLECTOR_EXITED'

/**
 * Thrown when a collector that was asked for cannot be used or does not start. Switch on
 * {@link CollectorError.code}; the message names the thing, the place and the remedy.
 */
export class CollectorError extends Error {
  override readonly name: string = 'CollectorError'
  readonly code: CollectorErrorCode

  constructor(code: CollectorErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
