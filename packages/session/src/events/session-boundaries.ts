import {
  ATTR_OAUTH_SESSION_DERIVATION,
  ATTR_OAUTH_SESSION_END_REASON,
  ATTR_OAUTH_SESSION_PREVIOUS_ID,
  ATTR_OAUTH_SESSION_START_REASON,
  ATTR_OAUTH_TOKEN_SCOPES,
  EVENT_OAUTH_SESSION_END,
  EVENT_OAUTH_SESSION_START,
  type SessionEndReason,
} from '@tokentrail/semantic-conventions'
import type { SessionKey } from '../session-key.ts'
import { type AttributeBag, setAttribute } from '../token/token-attributes.ts'
import type { TokenReading } from '../token/token-facts.ts'
import { pickAttributes, WHOSE_SESSION } from './event-attributes.ts'
import type {
  EventFacts,
  GrantRevokedFacts,
  SessionEndedFacts,
  TokensIssuedFacts,
} from './event-facts.ts'
import { type EventSubject, nameGrant, sessionOfToken, setGrantOf } from './event-token.ts'
import type { WriteEvent } from './event-writer.ts'
import { createGrantMemory } from './grant-memory.ts'

/** Tells where sessions start and end, once each. Owned by one recorder. */
export interface SessionBoundaries {
  /** Tells of the start of the session that tokens were issued for, unless it goes on. */
  begin(facts: TokensIssuedFacts, subject: EventSubject, session: SessionKey): void
  /** Tells of an end. */
  end(facts: EventFacts, subject: EventSubject, session: string, reason: SessionEndReason): void
  /**
   * The session that a grant, or a refresh token where grants have no id, goes on with; undefined
   * where others issued the tokens.
   */
  currentOf(facts: EventFacts, refreshToken?: string): string | undefined
  /** Every session that an end is about. */
  sessionsOf(facts: GrantRevokedFacts | SessionEndedFacts): readonly string[]
}

/** Creates the boundaries of one recorder's sessions. */
export function createSessionBoundaries(
  reading: TokenReading,
  write: WriteEvent,
): SessionBoundaries {
  const grants = createGrantMemory()

  function end(
    facts: EventFacts,
    { bag, identities }: EventSubject,
    session: string,
    reason: SessionEndReason,
  ): void {
    if (!grants.end(session)) return
    const {
      [ATTR_OAUTH_SESSION_DERIVATION]: _rule,
      [ATTR_OAUTH_TOKEN_SCOPES]: _scopes,
      ...whose
    } = pickAttributes(bag, WHOSE_SESSION)
    setGrantOf(whose, nameGrant(facts, reading))
    whose[ATTR_OAUTH_SESSION_END_REASON] = reason
    write(EVENT_OAUTH_SESSION_END, facts, { bag: whose, identities }, session)
  }

  function currentOf(facts: EventFacts, refreshToken?: string): string | undefined {
    const family = nameGrant(facts, reading) ?? nameToken(refreshToken)
    return family === undefined ? undefined : grants.sessionsOf(family).at(-1)
  }

  /** Where a server has no grants, each refresh token leads to the next. */
  function familiesOf(facts: TokensIssuedFacts): readonly string[] {
    const grant = nameGrant(facts, reading)
    if (grant !== undefined) return [grant]
    return facts.tokens
      .filter(({ type }) => type === 'refresh_token')
      .flatMap(({ token }) => nameToken(token) ?? [])
  }

  function nameToken(token: string | undefined): string | undefined {
    return token === undefined ? undefined : reading.pseudonyms.pseudonymOf('token', '', token)
  }

  return {
    end,
    // A refresh goes on with the session, but for tokens that name no sign-in: then each is one of
    // its own, which replaces the one before.
    begin(facts, { bag, identities }, { key, rule }) {
      const refreshed = facts.parent?.type === 'refresh_token'
      const grant = nameGrant(facts, reading)
      const before = currentOf(facts, facts.parent?.token)
      for (const family of familiesOf(facts)) grants.join(family, key)
      const isNew = grants.begin(key)
      if (!isNew || (refreshed && rule !== 'token')) return
      const whose: AttributeBag = pickAttributes(bag, WHOSE_SESSION)
      whose[ATTR_OAUTH_SESSION_DERIVATION] = rule
      setGrantOf(whose, grant)
      const replaced = refreshed && before !== key ? before : undefined
      if (replaced !== undefined) end(facts, { bag: whose, identities }, replaced, 'replaced')
      whose[ATTR_OAUTH_SESSION_START_REASON] = 'issuance'
      setAttribute(whose, ATTR_OAUTH_SESSION_PREVIOUS_ID, replaced)
      write(EVENT_OAUTH_SESSION_START, facts, { bag: whose, identities }, key)
    },
    currentOf,
    // Where the grant's tokens were issued elsewhere, the sign-in or the token names the session.
    sessionsOf(facts) {
      const grant = nameGrant(facts, reading)
      const joined = grant === undefined ? [] : grants.sessionsOf(grant)
      if (joined.length > 0) return joined
      const token = facts.kind === 'session_ended' ? facts.token : undefined
      const own = sessionOfToken(
        { token: token ?? '', type: 'id_token', claims: facts.known },
        reading,
      )
      return own.rule === 'token' && token === undefined ? [] : [own.key]
    },
  }
}
