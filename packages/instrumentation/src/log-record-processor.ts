import type { Attributes } from '@opentelemetry/api'
import { currentDecision } from './decision.ts'

/** The part of an SDK log record that is used; those of the OpenTelemetry SDK fit. */
export interface EmittedLogRecord {
  readonly eventName?: string | undefined
  setAttributes(attributes: Attributes): unknown
}

/** Records of ours carry their own attributes; a verifier compares them with the hashed text. */
const OWN_EVENTS = /^(?:oauth|tokentrail)\./

/**
 * Puts session, client and subject of a request onto the log records that the application writes
 * while serving it, once its token was verified.
 *
 * It fits the `LogRecordProcessor` of the OpenTelemetry SDK without importing it. Give it to the
 * SDK before the processors that export: those may copy a record when they see it.
 */
export class OAuthLogRecordProcessor {
  onEmit(record: EmittedLogRecord): void {
    const decision = currentDecision()
    if (decision?.stamping.logs !== true) return
    const { identity } = decision
    if (identity === undefined) return
    if (record.eventName !== undefined && OWN_EVENTS.test(record.eventName)) return
    record.setAttributes(identity)
  }

  forceFlush(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }
}
