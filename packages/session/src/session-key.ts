import type { Pseudonymizer } from './pseudonym.ts'

/** Rule that made a session key: `oauth.session.derivation`. */
export type SessionRule = 'sid' | 'grant' | 'auth_time' | 'token'

/** Verified facts of an authorization that a session key may be made of. */
export interface SessionFacts {
  readonly issuer?: string | undefined
  readonly client?: string | undefined
  readonly subject?: string | undefined
  /** `sid` claim (OpenID Connect Front-Channel Logout 1.0 §3). */
  readonly sid?: string | undefined
  /** Id of the grant: the token family. */
  readonly grant?: string | undefined
  /** `auth_time` claim: whole seconds since 1970. */
  readonly authTime?: number | undefined
  /** `jti` of a JWT, else the fingerprint of the token. */
  readonly token: string
  /** Whether the client acts for itself (RFC 9068 §2.2): it has no sign-in, so rule `token` holds. */
  readonly machine: boolean
}

/** A session key and the rule that made it. */
export interface SessionKey {
  readonly key: string
  readonly rule: SessionRule
}

/**
 * Derives the session that a token belongs to: a pseudonym over the JCS array of strings of the
 * first rule whose parts are all known, so the same in every process that shares the key.
 *
 * ```text
 * ["session","sid",issuer,sid,client]
 * ["session","grant",issuer,grant]
 * ["session","auth_time",issuer,subject,client,auth_time]     auth_time: decimal seconds
 * ["session","token",issuer,client,jti or fingerprint]         issuer, client: "" when unknown
 * ```
 *
 * The last rule also takes a user's token without `auth_time`: issuer, subject and client alone
 * would join all visits of that user.
 */
export function sessionKey(facts: SessionFacts, pseudonyms: Pseudonymizer): SessionKey {
  const parts = facts.machine ? tokenParts(facts) : (userParts(facts) ?? tokenParts(facts))
  return { key: pseudonyms.sessionKeyOf(parts), rule: parts[0] }
}

type Parts = readonly [SessionRule, ...string[]]

function userParts(facts: SessionFacts): Parts | undefined {
  const { authTime, client, grant, issuer, sid, subject } = facts
  if (issuer === undefined) return undefined
  if (sid !== undefined && client !== undefined) return ['sid', issuer, sid, client]
  if (grant !== undefined) return ['grant', issuer, grant]
  if (subject === undefined || client === undefined || authTime === undefined) return undefined
  return ['auth_time', issuer, subject, client, String(authTime)]
}

function tokenParts({ client = '', issuer = '', token }: SessionFacts): Parts {
  return ['token', issuer, client, token]
}
