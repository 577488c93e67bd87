import { trace } from '@opentelemetry/api'
import type { Span } from '@opentelemetry/api'
import type { Decision } from './decision.ts'
import { findServerSpan } from './request-span.ts'

/**
 * Puts the stamp of a request onto the spans that have already started: the request's server span
 * and the active one. Without a span that records, no stamp is made.
 */
export function stampStartedSpans(decision: Decision): void {
  if (!decision.stampsSpans) return
  const serverSpan = findServerSpan(decision)
  const activeSpan = trace.getActiveSpan()
  if (serverSpan !== undefined) stampSpan(serverSpan, decision)
  if (activeSpan !== undefined && activeSpan !== serverSpan) stampSpan(activeSpan, decision)
}

function stampSpan(span: Span, decision: Decision): void {
  if (!span.isRecording()) return
  const { stamp } = decision
  if (stamp !== undefined) span.setAttributes(stamp)
}
