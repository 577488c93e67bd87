import { trace } from '@opentelemetry/api'
import type { Span } from '@opentelemetry/api'
import type { StampAttributes } from '@tokentrail/session'
import type { Decision } from './decision.ts'
import { findServerSpan } from './request-span.ts'

/**
 * Keeps the stamp in the decision, for later spans and log records, and puts it onto the spans that
 * have already started: the request's server span and the active one.
 */
export function applyStamp(decision: Decision, stamp: StampAttributes | undefined): void {
  if (stamp === undefined) return
  decision.stamp = stamp
  if (!decision.stampsSpans) return
  const serverSpan = findServerSpan(decision)
  const activeSpan = trace.getActiveSpan()
  if (serverSpan !== undefined) stampSpan(serverSpan, stamp)
  if (activeSpan !== undefined && activeSpan !== serverSpan) stampSpan(activeSpan, stamp)
}

function stampSpan(span: Span, stamp: StampAttributes): void {
  if (span.isRecording()) span.setAttributes(stamp)
}
