/** Codes of {@link ViewerError}; never renamed. */
export type ViewerErrorCode =
  /** The store was written by a newer version. */
  | 'ERR_VIEWER_STORE_NEWER'
  /** The file is no store of this viewer, or is damaged. */
  | 'ERR_VIEWER_STORE_UNREADABLE'
  /** Another process writes the store. */
  | 'ERR_VIEWER_STORE_BUSY'
  /** A search filter has a name or value that is not allowed. */
  | 'ERR_VIEWER_QUERY_INVALID'
  /** The port is taken, or may not be bound. */
  | 'ERR_VIEWER_ADDRESS_UNAVAILABLE'
  /** An OTLP body is not what the protocol says. */
  | 'ERR_VIEWER_OTLP_INVALID'

/** Thrown when the viewer's world is not as it must be. Switch on {@link ViewerError.code}. */
export class ViewerError extends Error {
  override readonly name: string = 'ViewerError'
  readonly code: ViewerErrorCode

  constructor(code: ViewerErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
