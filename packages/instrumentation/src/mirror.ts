import { createHmac, randomBytes } from 'node:crypto'
import { ROOT_CONTEXT, TraceFlags, trace } from '@opentelemetry/api'
import type { Attributes, Context, Logger } from '@opentelemetry/api'
import {
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_HTTP_RESPONSE_STATUS_CODE,
  ATTR_HTTP_ROUTE,
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_OAUTH_SESSION_ID,
  ATTR_URL_PATH,
} from '@tokentrail/semantic-conventions'
import { createPseudonymizer, createRecorder, parsePolicy, severityOf } from '@tokentrail/session'
import type { Clock, RecordDraft, RecordSink } from '@tokentrail/session'
import type { FaultHandler, OAuthRecorder } from './types.ts'

/** Origin of records that belong to no log and prove nothing. */
const MIRROR_ORIGIN = 'mirror'

/**
 * Creates a recorder whose records go to the OpenTelemetry Logs API, for those who want to see them
 * without keeping evidence. Pseudonyms are made under a random key that dies with the process;
 * identity records, which hold the clear values, go nowhere.
 *
 * @param logger - Asked for at every record: a provider may be set later.
 */
export function createMirrorRecorder(
  logger: () => Logger,
  clock: Clock,
  onFault: FaultHandler,
): OAuthRecorder {
  const key = randomBytes(32)
  return createRecorder({
    sink: createMirrorSink(logger),
    pseudonyms: createPseudonymizer({
      hmac: (data) => createHmac('sha256', key).update(data).digest('base64url'),
      keyId: 'process',
    }),
    policy: parsePolicy({}),
    clock,
    onFault: (error) => onFault('recorder', error),
  })
}

/** Creates a sink that emits each record through the OpenTelemetry Logs API. */
function createMirrorSink(logger: () => Logger): RecordSink {
  return {
    origin: MIRROR_ORIGIN,
    append(record): void {
      logger().emit({
        eventName: record.type,
        timestamp: toHrTime(record.time),
        // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- API 1.9 lacks the enum
        severityNumber: severityOf(record.type, record.attributes),
        body: toDisplayText(record),
        attributes: toLogAttributes(record),
        context: toContext(record),
      })
    },
  }
}

function toHrTime(unixNanos: string): [number, number] {
  const nanos = BigInt(unixNanos)
  return [Number(nanos / 1_000_000_000n), Number(nanos % 1_000_000_000n)]
}

function toLogAttributes(record: RecordDraft): Attributes {
  const session = record.session === undefined ? {} : { [ATTR_OAUTH_SESSION_ID]: record.session }
  return { ...(record.attributes as Attributes | undefined), ...session }
}

/** A line for people; evidence has the canonical text here. */
function toDisplayText(record: RecordDraft): string {
  const { attributes = {} } = record
  const words = [
    attributes[ATTR_HTTP_REQUEST_METHOD],
    attributes[ATTR_HTTP_ROUTE] ?? attributes[ATTR_URL_PATH],
    attributes[ATTR_HTTP_RESPONSE_STATUS_CODE],
    attributes[ATTR_OAUTH_REJECTION_REASON],
  ]
  return [record.type, ...words.filter((word) => word !== undefined)].join(' ')
}

function toContext(record: RecordDraft): Context {
  if (record.trace === undefined || record.span === undefined) return ROOT_CONTEXT
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: record.trace,
    spanId: record.span,
    traceFlags: TraceFlags.NONE,
  })
}
