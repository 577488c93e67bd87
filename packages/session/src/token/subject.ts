import type { ValidationMethod } from '@tokentrail/semantic-conventions'
import { readOwn, readText } from './claims.ts'
import type { VerifiedClaims } from '../facts.ts'
import type { IssuerProfile } from '../profiles/issuer-profile.ts'
import { hasMachineSign, readClient } from '../profiles/read-claims.ts'

/** Who a verified token is about. */
export interface Subject {
  /** `unknown`: the token names nobody, or in a form that no subject has. */
  readonly type: 'user' | 'client' | 'unknown'
  readonly value?: string
}

/** `gty` of a client credentials grant, as Auth0 and others spell it. */
const CLIENT_CREDENTIALS: ReadonlySet<unknown> = new Set([
  'client-credentials',
  'client_credentials',
])

/**
 * Says who the token is about. A client acts for itself when the subject is the client (RFC 9068
 * §2.2), when the grant was its credentials, when the issuer's profile has a sign of it, or when a
 * client is named and no subject at all. A subject that is there but no usable string is unknown,
 * never a client; so is a missing one where a library's own lookup stands between the token and us,
 * since it may simply not hand it over.
 */
export function readSubject(
  claims: VerifiedClaims,
  method: ValidationMethod,
  profile: IssuerProfile,
): Subject {
  const claim = readOwn(claims, 'sub')
  const client = readClient(claims, profile)
  const value = readText(claim)
  if (claim === undefined || claim === null) {
    return { type: client === undefined || method === 'lookup' ? 'unknown' : 'client' }
  }
  if (value === undefined) return { type: 'unknown' }
  const machine =
    value === client ||
    CLIENT_CREDENTIALS.has(readOwn(claims, 'gty')) ||
    hasMachineSign(claims, profile, client)
  return { type: machine ? 'client' : 'user', value }
}
