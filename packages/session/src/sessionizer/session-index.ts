import {
  ATTR_OAUTH_GRANT_ID,
  ATTR_OAUTH_TOKEN_FINGERPRINT,
  EVENT_OAUTH_GRANT_REVOKED,
  EVENT_OAUTH_TOKEN_REVOKED,
} from '@tokentrail/semantic-conventions'
import type { DecodedRecord } from '../decode/decode.ts'
import type { SessionState } from './session-state.ts'

/** Finds open sessions by what records name instead of them. Owned by one sessionizer. */
export interface SessionIndex {
  /** Files a session under the token that it is, and under the grant that it goes on with. */
  put(state: SessionState): void
  drop(state: SessionState): void
  /** The sessions that a record is about: its own, else that of its token; those of its grant. */
  sessionsOf(record: DecodedRecord): readonly string[]
}

/** Records that are about all sessions of their grant. */
const ABOUT_GRANT: ReadonlySet<string> = new Set([
  EVENT_OAUTH_GRANT_REVOKED,
  EVENT_OAUTH_TOKEN_REVOKED,
])

/** Creates an index; it holds no more than what was put and not dropped. */
export function createSessionIndex(): SessionIndex {
  const byToken = new Map<string, string>()
  const byGrant = new Map<string, Set<string>>()
  const grants = new Map<string, string>()

  function leaveGrant(id: string): void {
    const grant = grants.get(id)
    if (grant === undefined) return
    grants.delete(id)
    const sessions = byGrant.get(grant)
    sessions?.delete(id)
    if (sessions?.size === 0) byGrant.delete(grant)
  }

  return {
    put({ fingerprint, grant, id }) {
      if (fingerprint !== undefined) byToken.set(fingerprint, id)
      if (grant === undefined || grants.get(id) === grant) return
      leaveGrant(id)
      grants.set(id, grant)
      byGrant.set(grant, (byGrant.get(grant) ?? new Set()).add(id))
    },
    drop({ fingerprint, id }) {
      if (fingerprint !== undefined) byToken.delete(fingerprint)
      leaveGrant(id)
    },
    sessionsOf({ attributes, session, type }) {
      const own = session ?? byToken.get(textOf(attributes[ATTR_OAUTH_TOKEN_FINGERPRINT]))
      const grant = ABOUT_GRANT.has(type) ? textOf(attributes[ATTR_OAUTH_GRANT_ID]) : ''
      const family = byGrant.get(grant)
      if (family === undefined) return own === undefined ? [] : [own]
      return [...new Set([...(own === undefined ? [] : [own]), ...family])]
    },
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
