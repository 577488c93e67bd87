import {
  ATTR_OAUTH_ACTOR_CHAIN,
  ATTR_OAUTH_ACTOR_CLIENT_ID,
  ATTR_OAUTH_ACTOR_SUBJECT,
  ATTR_OAUTH_CLIENT_ID,
  ATTR_OAUTH_GRANT_ID,
  ATTR_OAUTH_OIDC_SESSION_ID,
  ATTR_OAUTH_SESSION_DERIVATION,
  ATTR_OAUTH_TOKEN_FINGERPRINT,
  ATTR_OAUTH_TOKEN_SCOPES,
  ATTR_OAUTH_TOKEN_SUBJECT,
  ATTR_OAUTH_TOKEN_SUBJECT_TYPE,
  ATTR_USER_HASH,
} from '@tokentrail/semantic-conventions'
import { readActors } from './actor.ts'
import { readNumericDate, readOwn, readScopes, readText } from './claims.ts'
import type { VerifiedClaims, VerifiedToken } from '../facts.ts'
import { type Identification, nameSubject, type NamedSubject } from '../recorder/identification.ts'
import type { IssuerProfile } from '../profiles/issuer-profile.ts'
import type { ProfileFinder } from '../profiles/profile-finder.ts'
import { readClient, readFirstText } from '../profiles/read-claims.ts'
import type { Pseudonymizer } from '../pseudonym.ts'
import type { Attributes, Identity } from '../record.ts'
import { sessionKey, type SessionKey } from '../session-key.ts'
import { readSubject, type Subject } from './subject.ts'
import { type AttributeBag, readTokenAttributes, setAttribute } from './token-attributes.ts'
import { readTokenId } from './token-id.ts'

/** What records say of one verified token. */
export interface TokenFacts {
  readonly fingerprint: string
  readonly session: SessionKey
  readonly clientId?: string
  /** Subject as the evidence names it: pseudonym of a person, name of a client. */
  readonly subject?: string
  /** Pseudonym of a person, never of a client. */
  readonly userHash?: string
  /** Granted scopes, frozen. */
  readonly scopes?: readonly string[]
  /** Attributes of `oauth.token.observed`: who and token. */
  readonly attributes: Attributes
  /** Clear values behind the pseudonyms of {@link attributes}. */
  readonly identities: readonly Identity[]
}

/** What a token is read with. */
export interface TokenReading {
  readonly pseudonyms: Pseudonymizer
  /** How records name people. */
  readonly identification: Identification
  /** Says how the issuer's tokens name things. */
  readonly profileOf: ProfileFinder
}

/**
 * Reads what may be said of a verified token. Never call it for a token that nobody verified: its
 * claims are attacker input.
 *
 * @param fingerprint - Pseudonym of the whole token.
 */
export function readTokenFacts(
  verified: VerifiedToken,
  fingerprint: string,
  { identification, profileOf, pseudonyms }: TokenReading,
): TokenFacts {
  const { claims, method } = verified
  const issuer = readText(readOwn(claims, 'iss'))
  const profile = profileOf(issuer)
  const clientId = readClient(claims, profile)
  const subject = readSubject(claims, method, profile)
  const scopes = readScopes(readOwn(claims, 'scope')) ?? readScopes(readOwn(claims, 'scp'))
  const named = nameOf(subject, issuer ?? '', pseudonyms, identification)
  const reading = { profile, pseudonyms }
  const session = sessionOf(verified, subject, fingerprint, reading)
  const bag = readTokenAttributes(verified, reading)
  const identities = named.identity === undefined ? [] : [named.identity]
  setAttribute(bag, ATTR_OAUTH_CLIENT_ID, clientId)
  setAttribute(bag, ATTR_OAUTH_TOKEN_SCOPES, scopes)
  setAttribute(bag, ATTR_OAUTH_TOKEN_SUBJECT, named.shown)
  setAttribute(bag, ATTR_USER_HASH, named.hash)
  bag[ATTR_OAUTH_TOKEN_SUBJECT_TYPE] = subject.type
  bag[ATTR_OAUTH_TOKEN_FINGERPRINT] = fingerprint
  bag[ATTR_OAUTH_SESSION_DERIVATION] = session.rule
  identities.push(...setGrant(bag, claims, issuer ?? '', reading))
  identities.push(...setActors(bag, claims, issuer ?? '', pseudonyms, identification))
  return {
    fingerprint,
    session,
    attributes: Object.freeze(bag),
    identities,
    ...(clientId === undefined ? {} : { clientId }),
    ...(named.shown === undefined ? {} : { subject: named.shown }),
    ...(named.hash === undefined ? {} : { userHash: named.hash }),
    ...(scopes === undefined ? {} : { scopes }),
  }
}

interface IssuerReading {
  readonly profile: IssuerProfile
  readonly pseudonyms: Pseudonymizer
}

function nameOf(
  { type, value }: Subject,
  issuer: string,
  pseudonyms: Pseudonymizer,
  identification: Identification,
): NamedSubject {
  if (value === undefined) return {}
  return nameSubject({ issuer, value, machine: type === 'client' }, identification, pseudonyms)
}

function sessionOf(
  { claims, token }: VerifiedToken,
  { type, value }: Subject,
  fingerprint: string,
  { profile, pseudonyms }: IssuerReading,
): SessionKey {
  const known = {
    issuer: readText(readOwn(claims, 'iss')),
    client: readClient(claims, profile),
    subject: value,
    sid: readFirstText(claims, profile.session),
    grant: readFirstText(claims, profile.grant),
    authTime: readNumericDate(readOwn(claims, 'auth_time')),
  }
  const id = readTokenId(token, claims, profile) ?? fingerprint
  return sessionKey({ ...known, token: id, machine: type === 'client' }, pseudonyms)
}

/** Sets the sign-in and the grant that the token comes from. */
function setGrant(
  bag: AttributeBag,
  claims: VerifiedClaims,
  issuer: string,
  { profile, pseudonyms }: IssuerReading,
): readonly Identity[] {
  const grant = readFirstText(claims, profile.grant)
  const sid = readFirstText(claims, profile.session)
  if (grant !== undefined) {
    bag[ATTR_OAUTH_GRANT_ID] = pseudonyms.pseudonymOf('grant', issuer, grant)
  }
  if (sid === undefined) return []
  const pseudonym = pseudonyms.pseudonymOf('sid', issuer, sid)
  bag[ATTR_OAUTH_OIDC_SESSION_ID] = pseudonym
  return [{ kind: 'sid', issuer, pseudonym, value: sid }]
}

/** Sets who acts for the subject: the current actor, and with earlier ones the whole chain. */
function setActors(
  bag: AttributeBag,
  claims: VerifiedClaims,
  issuer: string,
  pseudonyms: Pseudonymizer,
  identification: Identification,
): readonly Identity[] {
  const actors = readActors(readOwn(claims, 'act'), issuer)
  const named = actors.map(({ client, issuer, machine, subject }) => {
    const value = subject ?? client
    return value === undefined
      ? {}
      : nameSubject({ issuer, machine, value }, identification, pseudonyms)
  })
  setAttribute(bag, ATTR_OAUTH_ACTOR_CLIENT_ID, actors[0]?.client)
  setAttribute(bag, ATTR_OAUTH_ACTOR_SUBJECT, named[0]?.shown)
  const chain = named.flatMap(({ shown }) => shown ?? [])
  if (chain.length > 1) bag[ATTR_OAUTH_ACTOR_CHAIN] = chain
  return named.flatMap(({ identity }) => identity ?? [])
}
