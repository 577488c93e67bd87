import type { Attributes } from '@opentelemetry/api'
import { ATTR_OAUTH_SESSION_ID, ATTR_SESSION_ID } from '@tokentrail/semantic-conventions'
import type { StampAttributes } from '@tokentrail/session'

/**
 * Adds `session.id` to a stamp: the name by which OpenTelemetry knows the sessions of browsers.
 * Front ends propagate their own, so one that is there already stays.
 *
 * @param present - Attributes that the span or log record has.
 */
export function withSessionId(
  stamp: StampAttributes,
  present: Attributes | undefined,
): StampAttributes {
  const session = stamp[ATTR_OAUTH_SESSION_ID]
  if (session === undefined || present?.[ATTR_SESSION_ID] !== undefined) return stamp
  return { ...stamp, [ATTR_SESSION_ID]: session }
}
