import type { Attributes } from '@opentelemetry/api'
import type { StampAttributes } from '@tokentrail/session'
import { currentDecision } from '../decision.ts'
import { withSessionId } from './session-id.ts'

/** The part of an SDK log record that is used; those of the OpenTelemetry SDK fit. */
export interface EmittedLogRecord {
  readonly eventName?: string | undefined
  readonly attributes?: unknown
  setAttributes(attributes: Attributes): unknown
}

/** Records of ours carry their own attributes; a verifier compares them with the hashed text. */
const OWN_EVENTS = /^(?:oauth|tokentrail)\./

/**
 * Gives what a log record of the application carries that is written now; undefined outside of a
 * request, and before its token was verified.
 */
export function stampLogAttributes({
  attributes,
  eventName,
}: Pick<EmittedLogRecord, 'attributes' | 'eventName'>): StampAttributes | undefined {
  const decision = currentDecision()
  if (decision?.stamping.logs !== true) return undefined
  if (eventName !== undefined && OWN_EVENTS.test(eventName)) return undefined
  const { identity, stamping } = decision
  if (identity === undefined || !stamping.sessionId) return identity
  return withSessionId(identity, attributes as Attributes | undefined)
}

/**
 * Puts session, client and subject of a request onto the log records that the application writes
 * while serving it, once its token was verified.
 *
 * It fits the `LogRecordProcessor` of the OpenTelemetry SDK without importing it. Give it to the
 * SDK before the processors that export: those may copy a record when they see it.
 */
export class OAuthLogRecordProcessor {
  onEmit(record: EmittedLogRecord): void {
    const stamp = stampLogAttributes(record)
    if (stamp !== undefined) record.setAttributes(stamp)
  }

  forceFlush(): Promise<void> {
    return Promise.resolve()
  }

  shutdown(): Promise<void> {
    return Promise.resolve()
  }
}
