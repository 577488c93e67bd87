import {
  ATTR_OAUTH_GRANT_ID,
  ATTR_OAUTH_SESSION_DERIVATION,
  ATTR_OAUTH_TOKEN_FORMAT,
  ATTR_OAUTH_TOKEN_TYPE,
  ATTR_OAUTH_VALIDATION_METHOD,
  type ValidationMethod,
} from '@tokentrail/semantic-conventions'
import type { VerifiedClaims } from '../facts.ts'
import type { Identity } from '../record.ts'
import type { SessionKey } from '../session-key.ts'
import { readOwn, readText } from '../token/claims.ts'
import { type AttributeBag, setAttribute } from '../token/token-attributes.ts'
import { readTokenFacts, type TokenReading } from '../token/token-facts.ts'
import { isJwt } from '../token/token-id.ts'
import type { EventFacts, EventToken } from './event-facts.ts'

/** What may be said of a token, or of an authorization, and who is behind it. */
export interface EventSubject {
  readonly bag: AttributeBag
  readonly identities: Identity[]
}

/** Reads what an event says of a token: its own claims, and beyond them what the server knows. */
export function readEventToken(
  event: EventToken,
  { hook, known, time }: Pick<EventFacts, 'hook' | 'known' | 'time'>,
  reading: TokenReading,
): EventSubject {
  const { algorithm, claims, format, keyId, token, type } = event
  const fingerprint = reading.pseudonyms.pseudonymOf('token', '', token)
  const { attributes, identities } = readTokenFacts(
    {
      token,
      method: methodOf(event),
      hook,
      claims: { ...known, ...claims, ...expiryOf(event, time) },
      ...(keyId === undefined ? {} : { keyId }),
      ...(algorithm === undefined ? {} : { algorithm }),
    },
    fingerprint,
    reading,
  )
  // The session is not made here, and nothing was validated: the server has issued the token.
  const bag: AttributeBag = { ...attributes }
  delete bag[ATTR_OAUTH_SESSION_DERIVATION]
  delete bag[ATTR_OAUTH_VALIDATION_METHOD]
  bag[ATTR_OAUTH_TOKEN_TYPE] = type
  setAttribute(bag, ATTR_OAUTH_TOKEN_FORMAT, format)
  return { bag, identities: [...identities] }
}

/** Makes the session that a resource server makes of the token. */
export function sessionOfToken(
  { claims, token, type }: Pick<EventToken, 'claims' | 'token' | 'type'>,
  reading: TokenReading,
): SessionKey {
  const fingerprint = reading.pseudonyms.pseudonymOf('token', '', token)
  const method = methodOf({ token, type })
  return readTokenFacts({ token, method, hook: '', claims }, fingerprint, reading).session
}

/** Reads who an event without a token is about. */
export function readKnown(
  { hook, known }: Pick<EventFacts, 'hook' | 'known'>,
  reading: TokenReading,
): EventSubject {
  const facts = readTokenFacts({ token: '', method: 'lookup', hook, claims: known }, '', reading)
  return { bag: { ...facts.attributes }, identities: [...facts.identities] }
}

/** Names a grant as records do. */
export function nameGrant(
  { grantId, known }: Pick<EventFacts, 'grantId' | 'known'>,
  { pseudonyms }: TokenReading,
): string | undefined {
  const grant = readText(grantId)
  return grant === undefined ? undefined : pseudonyms.pseudonymOf('grant', issuerOf(known), grant)
}

/** Sets the grant, unless the token named it by itself. */
export function setGrantOf(bag: AttributeBag, grant: string | undefined): void {
  if (bag[ATTR_OAUTH_GRANT_ID] === undefined) setAttribute(bag, ATTR_OAUTH_GRANT_ID, grant)
}

/**
 * How a resource server would learn the claims. Other tokens are not shown to one, and a client
 * that is named there alone does not act for itself.
 */
function methodOf({ token, type }: Pick<EventToken, 'token' | 'type'>): ValidationMethod {
  if (type !== 'access_token') return 'lookup'
  return isJwt(token) ? 'jwt' : 'introspection'
}

/** A model that was just made may say only how long it lives. */
function expiryOf(
  { claims, expiresIn }: EventToken,
  time: string | undefined,
): Pick<VerifiedClaims, 'exp'> {
  if (claims.exp !== undefined || expiresIn === undefined || time === undefined) return {}
  return { exp: Math.floor(Number(BigInt(time) / 1_000_000_000n) + expiresIn) }
}

function issuerOf(known: VerifiedClaims): string {
  return readText(readOwn(known, 'iss')) ?? ''
}
