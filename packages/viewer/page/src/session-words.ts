import type { SessionBoundary, SessionDerivation, SessionSummary } from '../../src/api-types.ts'

const STARTS: { readonly [reason: string]: string } = {
  issuance: 'token issued',
  auth_time: 'signed in',
  first_seen: 'first seen',
}

const ENDS: { readonly [reason: string]: string } = {
  logout: 'signed out',
  backchannel_logout: 'signed out elsewhere',
  revoked: 'revoked',
  replaced: 'replaced',
  expired: 'token expired',
  idle: 'idle limit',
  unknown: 'unknown reason',
}

const DERIVATIONS: { readonly [Rule in SessionDerivation]: string } = {
  sid: 'issuer, session id of the provider (sid) and client',
  grant: 'issuer and grant',
  auth_time: 'issuer, subject, client and time of sign-in (auth_time)',
  token: 'issuer, client and this one token',
}

/** Why a session started, in words. */
export function describeStart(start: SessionBoundary): string {
  return lookUp(STARTS, start.reason)
}

/** Why a session ended, in words. */
export function describeEnd(end: SessionBoundary): string {
  return lookUp(ENDS, end.reason)
}

/** By which facts the records of a session were joined. */
export function describeDerivation(rule: SessionDerivation | null): string {
  return rule === null ? 'not recorded' : DERIVATIONS[rule]
}

/** Says what "derived" means at a start or an end. */
export function explainDerived(which: 'start' | 'end', boundary: SessionBoundary): string {
  const words = which === 'start' ? describeStart(boundary) : describeEnd(boundary)
  return `Derived: nobody reported this ${which}. It was concluded from the records by the rule “${words}”.`
}

/** Name to show for whoever the session belongs to, and the pseudonym beneath it. */
export interface WhoWords {
  readonly name: string
  readonly pseudonym: string | null
  readonly kind: 'person' | 'pseudonym' | 'machine' | 'client' | 'nobody'
}

/** Says who a session or record is attributed to. Unverified claims are nobody. */
export function describeWho(
  subject: Pick<SessionSummary, 'user' | 'client'> & Partial<Pick<SessionSummary, 'subjectType'>>,
): WhoWords {
  const { user, client } = subject
  if (user !== null) {
    if (user.name === null) return { name: user.hash, pseudonym: null, kind: 'pseudonym' }
    return { name: user.name, pseudonym: user.hash, kind: 'person' }
  }
  if (client === null) return { name: 'Nobody', pseudonym: null, kind: 'nobody' }
  const kind = subject.subjectType === 'client' ? 'machine' : 'client'
  return { name: client, pseudonym: null, kind }
}

function lookUp(words: { readonly [reason: string]: string }, reason: string): string {
  return (Object.hasOwn(words, reason) ? words[reason] : undefined) ?? reason
}
