/** Codes of {@link SessionError}; never renamed. */
export type SessionErrorCode =
  /** A draft holds what no record may hold; the message names the member. */
  | 'ERR_SESSION_DRAFT_INVALID'
  /** A record is larger than 8,000 bytes although everything optional was left out. */
  | 'ERR_SESSION_RECORD_TOO_LARGE'
  /** A text is no canonical record: not JSON, not RFC 8785, or a member has the wrong form. */
  | 'ERR_SESSION_RECORD_MALFORMED'
  /** The policy is not what `tokentrail.yaml` may say; the message names the path. */
  | 'ERR_SESSION_POLICY_INVALID'

/** Thrown when a record or a policy does not hold. Switch on {@link SessionError.code}. */
export class SessionError extends Error {
  override readonly name: string = 'SessionError'
  readonly code: SessionErrorCode
  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
