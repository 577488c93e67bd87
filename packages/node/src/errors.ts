/** Codes of {@link RecordingError}; never renamed. */
export type RecordingErrorCode =
  /** The policy file cannot be read. */
  | 'ERR_NODE_CONFIG_UNREADABLE'
  /** The policy file is not YAML, or not a policy; the message names file, line and path. */
  | 'ERR_NODE_CONFIG_MALFORMED'
  /** This version of Node.js cannot be recorded. */
  | 'ERR_NODE_VERSION_UNSUPPORTED'
  /** Node's permission model keeps records from being made safe. */
  | 'ERR_NODE_PERMISSION_MODEL'

/** Thrown when recording cannot start as configured. Switch on {@link RecordingError.code}. */
export class RecordingError extends Error {
  override readonly name: string = 'RecordingError'
  readonly code: RecordingErrorCode
  constructor(code: RecordingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
