/** What the facts of a request are put onto; each can be switched off. */
export interface Stamping {
  /** The request's server span: everything that is known of its token, and the decision. */
  readonly serverSpan: boolean
  /** Every span of the request, the server span included: session, client and subject. */
  readonly spans: boolean
  /** The log records that the application writes while it serves the request: the same. */
  readonly logs: boolean
  /** Whether `session.id` is among what they get, where they have none. */
  readonly sessionId: boolean
}
