import { SpanKind } from '@opentelemetry/api'
import type { Attributes, Span } from '@opentelemetry/api'
import { currentDecision } from './decision.ts'
import { stampSpan } from './stamp.ts'

/** The part of an SDK span that is used; spans of the OpenTelemetry SDK fit. */
export interface StartedSpan extends Span {
  readonly kind: SpanKind
  setAttributes(attributes: Attributes): this
}

/**
 * Puts session, client and subject of a request onto every span that starts after its token was
 * verified, and notes the server span, which gets all that is known.
 *
 * It fits the `SpanProcessor` of the OpenTelemetry SDK without importing it. Order among processors
 * does not matter.
 */
export class OAuthSpanProcessor {
  onStart(span: StartedSpan): void {
    const decision = currentDecision()
    if (decision === undefined) return
    if (span.kind === SpanKind.SERVER) decision.serverSpan ??= span
    stampSpan(span, decision, span === decision.serverSpan)
  }

  onEnd(): void {}

  forceFlush(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }
}
