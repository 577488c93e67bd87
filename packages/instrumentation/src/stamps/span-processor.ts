import type { Attributes, Span, SpanKind } from '@opentelemetry/api'
import { stampNewSpan } from './stamp.ts'

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
    stampNewSpan(span, span.kind)
  }

  onEnd(): void {}

  forceFlush(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }
}
