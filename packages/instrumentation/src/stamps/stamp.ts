import { SpanKind, trace } from '@opentelemetry/api'
import type { Attributes, Span } from '@opentelemetry/api'
import { currentDecision, type Decision } from '../decision.ts'
import { findServerSpan, mayHaveSpan } from './request-span.ts'
import { withSessionId } from './session-id.ts'

/**
 * Puts what is known of a request onto the spans that have already started: the request's server
 * span and the active one. Without a span that records, no stamp is made.
 */
export function stampStartedSpans(decision: Decision): void {
  const { stamping } = decision
  if (!stamping.serverSpan && !stamping.spans) return
  if (!mayHaveSpan(decision)) return
  const serverSpan = findServerSpan(decision)
  const activeSpan = trace.getActiveSpan()
  if (serverSpan !== undefined) stampSpan(serverSpan, decision, true)
  if (activeSpan !== undefined && activeSpan !== serverSpan) stampSpan(activeSpan, decision, false)
}

/** Puts what is known of a request onto a span that starts now, and notes its server span. */
export function stampNewSpan(span: Span, kind: SpanKind | undefined): void {
  const decision = currentDecision()
  if (decision === undefined) return
  if (kind === SpanKind.SERVER) decision.serverSpan ??= span
  stampSpan(span, decision, span === decision.serverSpan)
}

/**
 * Puts onto a span what it is to carry. The server span gets everything once, when the response is
 * known: a stamp of twenty attributes for each fact that arrives would cost as much as the span.
 */
function stampSpan(span: Span, decision: Decision, isServerSpan: boolean): void {
  if (!span.isRecording()) return
  const { stamping } = decision
  const stamp =
    isServerSpan && stamping.serverSpan && decision.facts !== undefined
      ? decision.stamp
      : stamping.spans
        ? decision.identity
        : undefined
  if (stamp === undefined) return
  span.setAttributes(stamping.sessionId ? withSessionId(stamp, attributesOf(span)) : stamp)
}

/** Spans of the SDK show what they have; others may have anything. */
function attributesOf(span: Span): Attributes | undefined {
  return (span as { readonly attributes?: Attributes }).attributes
}
