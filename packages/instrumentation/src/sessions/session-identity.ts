import type { EventFacts, VerifiedClaims, VerifiedToken } from '@tokentrail/session'

/**
 * Who is behind a session that an application keeps for a signed-in user: facts of the ID token
 * that it verified when the session began (OpenID Connect Core 1.0 §2), copied by name. Anything
 * else that the object has is not looked at.
 */
export interface SessionIdentity {
  /** `iss`: the authorization server that signed the user in. */
  readonly issuer: string
  /** `aud`: the application's own client id there. */
  readonly clientId: string
  /** `sub`. */
  readonly subject?: string | undefined
  /**
   * `sid`: with it the session is the one that the authorization server and APIs record, if its
   * access tokens carry it too.
   */
  readonly sid?: string | undefined
  /** `auth_time`, in seconds since 1970. */
  readonly authTime?: number | undefined
  /** `acr`. */
  readonly acr?: string | undefined
  /** `amr`. */
  readonly amr?: readonly string[] | undefined
  /** What was granted. */
  readonly scopes?: readonly string[] | undefined
  /** When the session, or the token behind it, expires, in seconds since 1970. */
  readonly expiresAt?: number | undefined
  /**
   * Token that the session stands for, or, without one, the session's own id. Only its keyed
   * fingerprint is recorded. Needed where neither `sid` nor `authTime` tells one sign-in of the
   * user from the next.
   */
  readonly token?: string | undefined
  /** What {@link token} is. Default is `id_token`. */
  readonly tokenType?: 'access_token' | 'id_token' | undefined
}

/** How a session ended, as the application saw it. */
export interface EndedSession extends SessionIdentity {
  /**
   * `logout` where the user signed out here, `backchannel_logout` where the authorization server
   * said so. Default is `logout`.
   */
  readonly reason?: 'logout' | 'backchannel_logout' | 'revoked' | undefined
}

/** Makes what stands for the token of a request that its session identifies. */
export function toSessionToken(session: SessionIdentity, hook: string): VerifiedToken {
  return {
    token: handleOf(session),
    type: session.tokenType ?? 'id_token',
    // The application looked the session up; nobody saw a signature.
    method: 'lookup',
    hook,
    claims: toClaims(session),
  }
}

/** Makes the event of a session's end. */
export function toSessionEnd(session: EndedSession, hook: string): EventFacts {
  return {
    kind: 'session_ended',
    hook,
    known: toClaims(session),
    token: handleOf(session),
    reason: session.reason ?? 'logout',
  }
}

function toClaims(session: SessionIdentity): VerifiedClaims {
  const { acr, amr, authTime, clientId, expiresAt, issuer, scopes, sid, subject } = session
  return {
    iss: issuer,
    client_id: clientId,
    ...(subject === undefined ? {} : { sub: subject }),
    ...(sid === undefined ? {} : { sid }),
    ...(authTime === undefined ? {} : { auth_time: authTime }),
    ...(acr === undefined ? {} : { acr }),
    ...(amr === undefined ? {} : { amr: [...amr] }),
    ...(scopes === undefined ? {} : { scope: scopes.join(' ') }),
    ...(expiresAt === undefined ? {} : { exp: expiresAt }),
  }
}

/**
 * What the fingerprint is made of. Without a token it is the facts that tell this sign-in from
 * others, the same in every request and process, so that records of one session join.
 */
function handleOf({ authTime, clientId, issuer, sid, subject, token }: SessionIdentity): string {
  if (typeof token === 'string' && token !== '') return token
  return JSON.stringify(['session', issuer, clientId, subject, sid, authTime])
}
