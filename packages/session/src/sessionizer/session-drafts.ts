import {
  ATTR_COMPLIANCE_FRAMEWORK,
  ATTR_OAUTH_SESSION_DERIVED,
  ATTR_OAUTH_SESSION_END_REASON,
  ATTR_OAUTH_SESSION_START_REASON,
  ATTR_TOKENTRAIL_SESSION_RECORD_IDS,
  EVENT_OAUTH_SESSION_END,
  EVENT_OAUTH_SESSION_START,
} from '@tokentrail/semantic-conventions'
import type { Attributes, RecordDraft } from '../record.ts'
import type { SessionEnd, SessionState } from './session-state.ts'

/**
 * Builds a derived `oauth.session.start`.
 *
 * @param now - When it was derived: the record's `observed`.
 */
export function buildSessionStart(state: SessionState, now: bigint): RecordDraft {
  const { nanos, reason, uid } = state.start
  return {
    type: EVENT_OAUTH_SESSION_START,
    time: String(nanos),
    observed: String(now),
    session: state.id,
    attributes: {
      ...sharedAttributes(state, [uid]),
      [ATTR_OAUTH_SESSION_START_REASON]: reason,
    },
  }
}

/**
 * Builds a derived `oauth.session.end`.
 *
 * @param now - When it was derived: the record's `observed`.
 */
export function buildSessionEnd(state: SessionState, end: SessionEnd, now: bigint): RecordDraft {
  return {
    type: EVENT_OAUTH_SESSION_END,
    time: String(end.nanos),
    observed: String(now),
    session: state.id,
    attributes: {
      ...sharedAttributes(state, end.uids),
      [ATTR_OAUTH_SESSION_END_REASON]: end.reason,
    },
  }
}

function sharedAttributes(state: SessionState, uids: readonly string[]): Attributes {
  return {
    ...Object.fromEntries(state.facts),
    ...(state.frameworks.size === 0
      ? {}
      : { [ATTR_COMPLIANCE_FRAMEWORK]: [...state.frameworks].sort() }),
    [ATTR_OAUTH_SESSION_DERIVED]: true,
    [ATTR_TOKENTRAIL_SESSION_RECORD_IDS]: [...new Set(uids)],
  }
}
