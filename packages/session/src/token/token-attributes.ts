import {
  ATTR_OAUTH_AUTHENTICATION_CONTEXT_CLASS,
  ATTR_OAUTH_AUTHENTICATION_METHODS,
  ATTR_OAUTH_AUTHENTICATION_TIME,
  ATTR_OAUTH_AUTHORIZATION_DETAILS_TYPES,
  ATTR_OAUTH_GRANT_TYPE,
  ATTR_OAUTH_ISSUER,
  ATTR_OAUTH_TENANT_ID,
  ATTR_OAUTH_TOKEN_ALGORITHM,
  ATTR_OAUTH_TOKEN_AUDIENCES,
  ATTR_OAUTH_TOKEN_BINDING_METHOD,
  ATTR_OAUTH_TOKEN_BINDING_THUMBPRINT,
  ATTR_OAUTH_TOKEN_EXPIRES_AT,
  ATTR_OAUTH_TOKEN_FORMAT,
  ATTR_OAUTH_TOKEN_ID,
  ATTR_OAUTH_TOKEN_ISSUED_AT,
  ATTR_OAUTH_TOKEN_KEY_ID,
  ATTR_OAUTH_TOKEN_NOT_BEFORE,
  ATTR_OAUTH_TOKEN_TYPE,
  ATTR_OAUTH_VALIDATION_METHOD,
  ATTR_TOKENTRAIL_CAPTURE_HOOK,
  ATTR_USER_ROLES,
} from '@tokentrail/semantic-conventions'
import { formatSeconds, readNumericDate, readOwn, readText, readTexts } from './claims.ts'
import { escapeUntrusted } from '../encode/escape.ts'
import type { VerifiedClaims, VerifiedToken } from '../facts.ts'
import type { IssuerProfile } from '../profiles/issuer-profile.ts'
import { readFirstText, readRoles } from '../profiles/read-claims.ts'
import type { Pseudonymizer } from '../pseudonym.ts'
import type { AttributeValue } from '../record.ts'
import { isJwt, readTokenId } from './token-id.ts'

/** Most bytes of `kid` and `alg`: header facts, whoever wrote them. */
const MAX_HEADER_BYTES = 128

/** Attributes while they are gathered. */
export type AttributeBag = Record<string, AttributeValue>

/** Sets an attribute unless there is nothing to say. */
export function setAttribute(
  bag: AttributeBag,
  name: string,
  value: AttributeValue | undefined,
): void {
  if (value !== undefined) bag[name] = value
}

/**
 * Gives the facts of a verified token that need no key of a person: by allow-list, each claim read
 * in the type and size that its RFC gives it, else left out.
 */
export function readTokenAttributes(
  verified: VerifiedToken,
  { profile, pseudonyms }: { readonly profile: IssuerProfile; readonly pseudonyms: Pseudonymizer },
): AttributeBag {
  const { algorithm, claims, hook, keyId, method, token, type = 'access_token' } = verified
  const bag: AttributeBag = {
    [ATTR_OAUTH_TOKEN_TYPE]: type,
    [ATTR_OAUTH_TOKEN_FORMAT]: isJwtBy(verified) ? 'jwt' : 'opaque',
    [ATTR_OAUTH_VALIDATION_METHOD]: method,
    [ATTR_TOKENTRAIL_CAPTURE_HOOK]: hook,
  }
  setAttribute(bag, ATTR_OAUTH_ISSUER, readText(readOwn(claims, 'iss')))
  setAttribute(bag, ATTR_OAUTH_TOKEN_ID, readTokenId(token, claims, profile))
  setAttribute(bag, ATTR_OAUTH_TOKEN_AUDIENCES, readTexts(readOwn(claims, 'aud')))
  setAttribute(bag, ATTR_OAUTH_GRANT_TYPE, readText(readOwn(claims, 'gty')))
  setAttribute(bag, ATTR_OAUTH_TOKEN_KEY_ID, headerFact(keyId))
  setAttribute(bag, ATTR_OAUTH_TOKEN_ALGORITHM, headerFact(algorithm))
  setAttribute(bag, ATTR_OAUTH_TENANT_ID, readFirstText(claims, profile.tenant))
  setAttribute(bag, ATTR_USER_ROLES, readRoles(claims, profile))
  setAttribute(bag, ATTR_OAUTH_AUTHORIZATION_DETAILS_TYPES, readDetailTypes(claims))
  setTimes(bag, claims)
  setAuthentication(bag, claims)
  setBinding(bag, claims, pseudonyms)
  return bag
}

/** An ID token is a JWT, whether or not it was shown (OpenID Connect Core 1.0 §2). */
function isJwtBy({ method, token, type }: VerifiedToken): boolean {
  return method === 'jwt' || type === 'id_token' || isJwt(token)
}

/** Bounds and escapes a `kid` or `alg`. */
export function headerFact(value: unknown): string | undefined {
  return typeof value === 'string' && value !== ''
    ? escapeUntrusted(value, MAX_HEADER_BYTES)
    : undefined
}

function setTimes(bag: AttributeBag, claims: VerifiedClaims): void {
  setAttribute(bag, ATTR_OAUTH_TOKEN_ISSUED_AT, readTime(claims, 'iat'))
  setAttribute(bag, ATTR_OAUTH_TOKEN_NOT_BEFORE, readTime(claims, 'nbf'))
  setAttribute(bag, ATTR_OAUTH_TOKEN_EXPIRES_AT, readTime(claims, 'exp'))
}

function setAuthentication(bag: AttributeBag, claims: VerifiedClaims): void {
  setAttribute(bag, ATTR_OAUTH_AUTHENTICATION_TIME, readTime(claims, 'auth_time'))
  setAttribute(bag, ATTR_OAUTH_AUTHENTICATION_CONTEXT_CLASS, readText(readOwn(claims, 'acr')))
  setAttribute(bag, ATTR_OAUTH_AUTHENTICATION_METHODS, readTexts(readOwn(claims, 'amr')))
}

/** `cnf`: `jkt` of DPoP (RFC 9449 §6.1), `x5t#S256` of mutual TLS (RFC 8705 §3.1). */
function setBinding(bag: AttributeBag, claims: VerifiedClaims, pseudonyms: Pseudonymizer): void {
  const confirmation = readOwn(claims, 'cnf')
  const dpop = readText(readOwn(confirmation, 'jkt'))
  const thumbprint = dpop ?? readText(readOwn(confirmation, 'x5t#S256'))
  if (thumbprint === undefined) return
  bag[ATTR_OAUTH_TOKEN_BINDING_METHOD] = dpop === undefined ? 'mtls' : 'dpop'
  bag[ATTR_OAUTH_TOKEN_BINDING_THUMBPRINT] = pseudonyms.pseudonymOf('key', '', thumbprint)
}

/** Types of RFC 9396 authorization details (§2), which say what was granted; nothing else of them. */
function readDetailTypes(claims: VerifiedClaims): readonly string[] | undefined {
  const details = readOwn(claims, 'authorization_details')
  if (!Array.isArray(details)) return undefined
  const types = readTexts(details.map((detail) => readText(readOwn(detail, 'type'))))
  return types === undefined ? undefined : Object.freeze([...new Set(types)])
}

function readTime(claims: VerifiedClaims, name: string): string | undefined {
  const seconds = readNumericDate(readOwn(claims, name))
  return seconds === undefined ? undefined : formatSeconds(seconds)
}
