import {
  ATTR_ERROR_TYPE,
  ATTR_HTTP_REQUEST_METHOD,
  ATTR_OAUTH_CLIENT_AUTH_METHOD,
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_DECISION,
  ATTR_OAUTH_ERROR_CODE,
  ATTR_OAUTH_GRANT_TYPE,
  ATTR_OAUTH_ISSUER,
  ATTR_OAUTH_REJECTION_REASON,
  ATTR_OAUTH_SESSION_DERIVATION,
  ATTR_OAUTH_TOKEN_FINGERPRINT,
  ATTR_OAUTH_TOKEN_PARENT_FINGERPRINT,
  ATTR_OAUTH_TOKEN_PARENT_TYPE,
  ATTR_OAUTH_TOKEN_TYPE,
  ATTR_OAUTH_VALIDATION_METHOD,
  ATTR_TOKENTRAIL_CAPTURE_HOOK,
  EVENT_OAUTH_CLIENT_CHANGED,
  EVENT_OAUTH_GRANT_REVOKED,
  EVENT_OAUTH_REQUEST_REJECTED,
  EVENT_OAUTH_TOKEN_INTROSPECTED,
  EVENT_OAUTH_TOKEN_ISSUED,
  EVENT_OAUTH_TOKEN_REFRESHED,
  EVENT_OAUTH_TOKEN_REVOKED,
  type RejectionReason,
} from '@tokentrail/semantic-conventions'
import type { RequestFacts } from '../facts.ts'
import { isErrorCode } from '../request/judge.ts'
import { reasonOfCode } from '../request/reason-of-code.ts'
import type { SessionKey } from '../session-key.ts'
import { readOwn, readText } from '../token/claims.ts'
import { type AttributeBag, setAttribute } from '../token/token-attributes.ts'
import type { TokenReading } from '../token/token-facts.ts'
import { pickAttributes, WHO } from './event-attributes.ts'
import type {
  ClientChangedFacts,
  EventFacts,
  EventToken,
  GrantRevokedFacts,
  RequestRefusedFacts,
  SessionEndedFacts,
  TokenIntrospectedFacts,
  TokenRevokedFacts,
  TokensIssuedFacts,
} from './event-facts.ts'
import { nameGrant, readEventToken, readKnown, sessionOfToken, setGrantOf } from './event-token.ts'
import { createEventWriter, type EventWriterOptions } from './event-writer.ts'
import { createSessionBoundaries } from './session-boundaries.ts'

/** Turns what an authorization server did into records. Owned by one recorder. */
export interface EventRecorder {
  /** Records an event, and what follows from it: a session's start, the ends of a grant's sessions. */
  record(facts: EventFacts): void
}

/** What {@link createEventRecorder} works with. */
export interface EventRecorderOptions extends EventWriterOptions {
  readonly reading: TokenReading
  /** Whether a refusal that nobody is attributed to was counted instead. */
  readonly isCounted: (reason: RejectionReason, request: RequestFacts | undefined) => boolean
}

/** A client asks again and again until the user is done (RFC 8628 §3.5). */
const POLLING: ReadonlySet<string> = new Set(['authorization_pending', 'slow_down'])

/** Tokens that make a session: what a resource server, or a client with its own sessions, sees. */
const SESSION_MAKERS: readonly EventToken['type'][] = ['access_token', 'id_token']

const WHO_AT_WHICH_SERVER: readonly string[] = [
  ...WHO,
  ATTR_OAUTH_ISSUER,
  ATTR_TOKENTRAIL_CAPTURE_HOOK,
]

/** Creates the recorder of events. */
export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  const { reading } = options
  const write = createEventWriter(options)
  const boundaries = createSessionBoundaries(reading, write)
  const fingerprintOf = (token: string): string =>
    reading.pseudonyms.pseudonymOf('token', '', token)

  /** The session of a token that makes one; of a refresh token only the grant tells. */
  function sessionOf(token: EventToken): SessionKey | undefined {
    return SESSION_MAKERS.includes(token.type) ? sessionOfToken(token, reading) : undefined
  }

  function recordIssued(facts: TokensIssuedFacts): void {
    const read = facts.tokens.map((token) => ({
      token,
      told: readEventToken(token, facts, reading),
    }))
    const maker = read.find(({ token }) => SESSION_MAKERS.includes(token.type))
    const session = maker === undefined ? undefined : sessionOf(maker.token)
    if (maker !== undefined && session !== undefined) boundaries.begin(facts, maker.told, session)
    const refreshed = facts.parent?.type === 'refresh_token'
    const type = refreshed ? EVENT_OAUTH_TOKEN_REFRESHED : EVENT_OAUTH_TOKEN_ISSUED
    for (const { told } of read) {
      setIssuance(told.bag, facts)
      setAttribute(told.bag, ATTR_OAUTH_SESSION_DERIVATION, session?.rule)
      write(type, facts, told, session?.key)
    }
  }

  function setIssuance(bag: AttributeBag, facts: TokensIssuedFacts): void {
    const { clientAuthMethod, grantType, parent } = facts
    setGrantOf(bag, nameGrant(facts, reading))
    setAttribute(bag, ATTR_OAUTH_GRANT_TYPE, readText(grantType))
    setAttribute(bag, ATTR_OAUTH_CLIENT_AUTH_METHOD, readText(clientAuthMethod))
    if (parent === undefined) return
    bag[ATTR_OAUTH_TOKEN_PARENT_FINGERPRINT] = fingerprintOf(parent.token)
    bag[ATTR_OAUTH_TOKEN_PARENT_TYPE] = parent.type
  }

  function recordIntrospected(facts: TokenIntrospectedFacts): void {
    const told = readEventToken(facts.token, facts, reading)
    const session = sessionOf(facts.token)
    setGrantOf(told.bag, nameGrant(facts, reading))
    setAttribute(told.bag, ATTR_OAUTH_SESSION_DERIVATION, session?.rule)
    // The server looked its own token up.
    told.bag[ATTR_OAUTH_VALIDATION_METHOD] = 'lookup'
    write(EVENT_OAUTH_TOKEN_INTROSPECTED, facts, told, session?.key)
  }

  function recordRevoked(facts: TokenRevokedFacts): void {
    const { bag, identities } = readEventToken(facts.token, facts, reading)
    const told = pickAttributes(bag, [
      ...WHO_AT_WHICH_SERVER,
      ATTR_OAUTH_TOKEN_FINGERPRINT,
      ATTR_OAUTH_TOKEN_TYPE,
    ])
    setGrantOf(told, nameGrant(facts, reading))
    const session = sessionOf(facts.token)?.key ?? boundaries.currentOf(facts, facts.token.token)
    write(EVENT_OAUTH_TOKEN_REVOKED, facts, { bag: told, identities }, session)
  }

  function recordGrantRevoked(facts: GrantRevokedFacts): void {
    const known = readKnown(facts, reading)
    const told = pickAttributes(known.bag, WHO_AT_WHICH_SERVER)
    setGrantOf(told, nameGrant(facts, reading))
    const sessions = boundaries.sessionsOf(facts)
    const { identities } = known
    for (const session of sessions) boundaries.end(facts, known, session, facts.reason)
    write(EVENT_OAUTH_GRANT_REVOKED, facts, { bag: told, identities }, sessions.at(-1))
  }

  function recordEnded(facts: SessionEndedFacts): void {
    const known = readKnown(facts, reading)
    for (const session of boundaries.sessionsOf(facts)) {
      boundaries.end(facts, known, session, facts.reason)
    }
  }

  function recordClientChanged(facts: ClientChangedFacts): void {
    const clientId = readText(facts.clientId)
    if (clientId === undefined) return
    const bag: AttributeBag = {
      [ATTR_OAUTH_CLIENT_ID]: clientId,
      [ATTR_TOKENTRAIL_CAPTURE_HOOK]: facts.hook,
    }
    setAttribute(bag, ATTR_OAUTH_ISSUER, readText(readOwn(facts.known, 'iss')))
    write(EVENT_OAUTH_CLIENT_CHANGED, facts, { bag, identities: [] })
  }

  function recordRefused(facts: RequestRefusedFacts): void {
    const { errorCode, grantType, known, request, token } = facts
    if (POLLING.has(errorCode)) return
    const reason = facts.reason ?? reasonOfCode(errorCode)
    const attributed = 'client_id' in known || 'sub' in known
    if (!attributed && options.isCounted(reason, request)) return
    const { bag, identities } = readKnown(facts, reading)
    const told = pickAttributes(bag, WHO_AT_WHICH_SERVER)
    const code = isErrorCode(errorCode) ? errorCode : undefined
    setGrantOf(told, nameGrant(facts, reading))
    setAttribute(told, ATTR_OAUTH_GRANT_TYPE, readText(grantType))
    setAttribute(told, ATTR_OAUTH_ERROR_CODE, code)
    told[ATTR_OAUTH_DECISION] = 'deny'
    told[ATTR_OAUTH_REJECTION_REASON] = reason
    told[ATTR_ERROR_TYPE] = code ?? reason
    told[ATTR_HTTP_REQUEST_METHOD] = '_OTHER'
    if (token !== undefined) told[ATTR_OAUTH_TOKEN_FINGERPRINT] = fingerprintOf(token)
    const session = boundaries.currentOf(facts, token)
    write(EVENT_OAUTH_REQUEST_REJECTED, facts, { bag: told, identities }, session)
  }

  return {
    record(facts) {
      if (facts.kind === 'tokens_issued') recordIssued(facts)
      else if (facts.kind === 'token_introspected') recordIntrospected(facts)
      else if (facts.kind === 'token_revoked') recordRevoked(facts)
      else if (facts.kind === 'grant_revoked') recordGrantRevoked(facts)
      else if (facts.kind === 'session_ended') recordEnded(facts)
      else if (facts.kind === 'client_changed') recordClientChanged(facts)
      else recordRefused(facts)
    },
  }
}
