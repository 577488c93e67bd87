import { severityOf } from '@tokentrail/ledger'
import { ATTR_LOG_RECORD_UID, ATTR_OAUTH_SESSION_ID } from '@tokentrail/semantic-conventions'
import type { DecodedRecord } from './decode.ts'
import type { Attributes } from '../record.ts'

/** What stands in a record's OTLP LogRecord beside the canonical text. */
export interface RecordProjection {
  readonly eventName: string
  readonly timeUnixNano: string
  readonly severityNumber: number
  readonly attributes: Attributes
  readonly traceId?: string
  readonly spanId?: string
}

/**
 * Derives from a record what its OTLP LogRecord says beside the text (projection `search`). A
 * reader compares it with what came over the wire: where they differ the text wins; an absent
 * attribute is no finding.
 */
export function projectRecord(record: DecodedRecord): RecordProjection {
  const { attributes, index, log, session, span, time, trace, type } = record
  return {
    eventName: type,
    timeUnixNano: time,
    severityNumber: severityOf(type, attributes),
    attributes: projectAttributes(attributes, session, `${log}.${index}`),
    ...(trace === undefined ? {} : { traceId: trace }),
    ...(span === undefined ? {} : { spanId: span }),
  }
}

/**
 * Gives the attributes of the OTLP LogRecord, in the order of the wire: the one id there as
 * `log.record.uid`, every attribute of the record under its own name, the session as
 * `oauth.session.id`.
 *
 * @param uid - `<log>.<index>`, for an identity record `<log>.<pseudonym>`.
 */
export function projectAttributes(
  attributes: Attributes,
  session: string | undefined,
  uid: string,
): Attributes {
  return {
    [ATTR_LOG_RECORD_UID]: uid,
    ...attributes,
    ...(session === undefined ? {} : { [ATTR_OAUTH_SESSION_ID]: session }),
  }
}
