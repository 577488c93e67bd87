import { UNIX_NANOS } from '../bounds.ts'
import type { Clock } from '../clock.ts'
import type { RequestFacts } from '../facts.ts'
import type { Attributes, RecordDraft } from '../record.ts'
import { isSpanId, isTraceId } from '../request/trace-context.ts'
import type { TokenFacts } from '../token/token-facts.ts'

type Writable<T> = { -readonly [Name in keyof T]: T[Name] }

/** A draft that may be added to. */
export type RequestDraft = Writable<RecordDraft>

/** Gives the time of a request; that of the clock where the facts have none of use. */
export function timeOfRequest({ time }: RequestFacts, clock: Clock): string {
  return UNIX_NANOS.test(time) ? time : String(clock.unixNanos())
}

/** Drafts a record about a request, with its session and trace if they are known. */
export function buildRequestDraft(
  type: string,
  facts: RequestFacts,
  { attributes, clock, token }: RequestDraftParts,
): RequestDraft {
  const { span, trace } = facts
  const draft: RequestDraft = { type, time: timeOfRequest(facts, clock), attributes }
  if (token !== undefined) draft.session = token.session.key
  if (trace !== undefined && isTraceId(trace)) draft.trace = trace
  if (span !== undefined && isSpanId(span)) draft.span = span
  return draft
}

interface RequestDraftParts {
  /** Facts of the token that the record is attributed by. */
  readonly token: TokenFacts | undefined
  readonly attributes: Attributes
  readonly clock: Clock
}
