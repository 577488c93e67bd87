import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { SubjectType, TokenFacts } from '../api-types.ts'
import { textOf, textsOf, type RecordFacts } from './record-facts.ts'

/** Session and identity that a token gives to the records that carry only its fingerprint. */
export interface TokenJoin {
  readonly session: string | null
  readonly user: string | null
  readonly client: string | null
}

/** A token's join, when it changed. */
export interface JoinChange {
  readonly token: string
  readonly before: TokenJoin | undefined
  readonly now: TokenJoin
}

const OBSERVED = new Set([
  'oauth.token.observed',
  'oauth.token.issued',
  'oauth.token.refreshed',
  'oauth.token.introspected',
])

/** A token of which no more is known than that another one was made from it. */
const UNKNOWN: Omit<TokenFacts, 'fingerprint' | 'firstSeen'> = {
  type: null,
  format: null,
  issuer: null,
  audiences: [],
  scopes: [],
  issuedAt: null,
  expiresAt: null,
  keyId: null,
  algorithm: null,
  subjectType: null,
  validationMethod: null,
  authenticationTime: null,
  acr: null,
  amr: [],
}

/**
 * Facts per token fingerprint. A token that was found bad (its record carries a rejection reason)
 * joins nothing. Facts of a token seen again fill what was missing; what stands is not
 * overwritten.
 */
export class TokenTable {
  readonly #select: StatementSync
  readonly #selectOfSession: StatementSync
  readonly #upsert: StatementSync

  constructor(database: DatabaseSync) {
    this.#select = database.prepare(
      'SELECT session, user, client, facts FROM tokens WHERE fingerprint = ?',
    )
    this.#selectOfSession = database.prepare(
      'SELECT facts FROM tokens WHERE session = ? ORDER BY first_seen LIMIT 1000',
    )
    this.#upsert = database.prepare(
      `INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (fingerprint) DO UPDATE SET
       session = excluded.session, user = excluded.user, client = excluded.client,
       issuer = excluded.issuer, first_seen = excluded.first_seen, facts = excluded.facts`,
    )
  }

  /** What a fingerprint joins, `undefined` for a token that nobody has seen verified. */
  joinOf(fingerprint: string): TokenJoin | undefined {
    const row = this.#select.get(fingerprint)
    return row === undefined ? undefined : toJoin(row)
  }

  /** Facts of a session's tokens, first seen first, at most 1000. */
  ofSession(session: string): readonly TokenFacts[] {
    return this.#selectOfSession.all(session).map((row) => JSON.parse(String(row['facts'])))
  }

  /**
   * Takes in a record about a token. Returns what the token joined before and joins now when that
   * changed, else `undefined`.
   */
  observe(record: RecordFacts): JoinChange | undefined {
    const fingerprint = textOf(record, 'oauth.token.fingerprint')
    if (fingerprint === null || !OBSERVED.has(record.type)) return undefined
    if (textOf(record, 'oauth.rejection.reason') !== null) return undefined
    return this.#put(fingerprint, record, readTokenFacts(fingerprint, record))
  }

  /**
   * Takes in what a record about a token says of the code, or other token, that it was made from: a
   * code has no session of its own, and belongs to that of its tokens. Returns as {@link observe}.
   */
  observeParent(record: RecordFacts): JoinChange | undefined {
    const fingerprint = textOf(record, 'oauth.token.parent.fingerprint')
    if (fingerprint === null || record.session === null || !OBSERVED.has(record.type)) {
      return undefined
    }
    const { firstSeen } = readTokenFacts(fingerprint, record)
    const type = textOf(record, 'oauth.token.parent.type')
    return this.#put(fingerprint, record, { ...UNKNOWN, fingerprint, type, firstSeen })
  }

  #put(fingerprint: string, record: RecordFacts, seen: TokenFacts): JoinChange | undefined {
    const row = this.#select.get(fingerprint)
    const before = row === undefined ? undefined : toJoin(row)
    const now: TokenJoin = {
      session: before?.session ?? record.session,
      user: before?.user ?? textOf(record, 'user.hash'),
      client: before?.client ?? textOf(record, 'oauth.client.id'),
    }
    const known = row === undefined ? undefined : (JSON.parse(String(row['facts'])) as TokenFacts)
    const facts = mergeFacts(known, seen)
    const text = JSON.stringify(facts)
    if (text === row?.['facts'] && isSameJoin(before, now)) return undefined
    this.#upsert.run(
      fingerprint,
      now.session,
      now.user,
      now.client,
      facts.issuer,
      BigInt(facts.firstSeen),
      text,
    )
    return isSameJoin(before, now) ? undefined : { token: fingerprint, before, now }
  }
}

function readTokenFacts(fingerprint: string, record: RecordFacts): TokenFacts {
  const text = (name: string): string | null => textOf(record, name)
  return {
    fingerprint,
    type: text('oauth.token.type'),
    format: toFormat(text('oauth.token.format')),
    issuer: text('oauth.issuer'),
    audiences: textsOf(record, 'oauth.token.audiences'),
    scopes: textsOf(record, 'oauth.token.scopes'),
    issuedAt: text('oauth.token.issued_at'),
    expiresAt: text('oauth.token.expires_at'),
    keyId: text('oauth.token.key.id'),
    algorithm: text('oauth.token.algorithm'),
    subjectType: toSubjectType(text('oauth.token.subject_type')),
    validationMethod: text('oauth.validation.method'),
    authenticationTime: text('oauth.authentication.time'),
    acr: text('oauth.authentication.context_class'),
    amr: textsOf(record, 'oauth.authentication.methods'),
    firstSeen: record.time,
  }
}

function mergeFacts(known: TokenFacts | undefined, seen: TokenFacts): TokenFacts {
  if (known === undefined) return seen
  const merged: Record<string, unknown> = { ...seen }
  for (const [name, value] of Object.entries(known)) {
    const isEmpty = value === null || (Array.isArray(value) && value.length === 0)
    if (!isEmpty) merged[name] = value
  }
  if (BigInt(seen.firstSeen) < BigInt(known.firstSeen)) merged['firstSeen'] = seen.firstSeen
  return merged as unknown as TokenFacts
}

/** Closes the enum `oauth.token.subject_type`. */
export function toSubjectType(value: string | null): SubjectType | null {
  if (value === null) return null
  return value === 'user' || value === 'client' || value === 'agent' ? value : 'unknown'
}

function toJoin(row: Readonly<Record<string, unknown>>): TokenJoin {
  return {
    session: toText(row['session']),
    user: toText(row['user']),
    client: toText(row['client']),
  }
}

function isSameJoin(before: TokenJoin | undefined, now: TokenJoin): boolean {
  return (
    before?.session === now.session && before?.user === now.user && before?.client === now.client
  )
}

function toFormat(value: string | null): TokenFacts['format'] {
  return value === 'jwt' || value === 'opaque' ? value : null
}

function toText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
