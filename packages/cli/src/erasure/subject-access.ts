import { createHash } from 'node:crypto'
import { readHeldTexts, type HoldingStore } from './stores.ts'

/** What belongs to a subject, by the names that join records. */
export interface SubjectFacts {
  readonly pseudonyms: ReadonlySet<string>
  readonly sessions: ReadonlySet<string>
  /** Fingerprints. */
  readonly tokens: ReadonlySet<string>
}

interface Members {
  readonly session?: unknown
  readonly attributes?: Readonly<Record<string, unknown>>
}

/** Finds a subject's sessions and tokens in all stores. */
export async function collectSubject(
  stores: readonly HoldingStore[],
  pseudonyms: readonly string[],
  onUnreadable: (file: string) => void,
): Promise<SubjectFacts> {
  const facts = {
    pseudonyms: new Set(pseudonyms),
    sessions: new Set<string>(),
    tokens: new Set<string>(),
  }
  for (const store of stores) {
    for await (const { kind, text } of readHeldTexts(store, onUnreadable)) {
      if (kind !== 'record' || !pseudonyms.some((pseudonym) => text.includes(pseudonym))) continue
      const { session, attributes = {} } = parse(text)
      if (!isOf(attributes, facts.pseudonyms)) continue
      if (typeof session === 'string') facts.sessions.add(session)
      const token = attributes['oauth.token.fingerprint']
      if (typeof token === 'string') facts.tokens.add(token)
    }
  }
  return facts
}

/** Lists the texts of a subject: each record once, then each identity that they name once. */
export async function* listSubject(
  stores: readonly HoldingStore[],
  facts: SubjectFacts,
): AsyncGenerator<string> {
  const written = new Set<string>()
  const named = new Set<string>(facts.pseudonyms)
  for (const store of stores) {
    for await (const { kind, text } of readHeldTexts(store, () => undefined)) {
      if (kind !== 'record' || !belongsTo(text, facts) || isWritten(written, text)) continue
      for (const value of Object.values(parse(text).attributes ?? {})) {
        if (typeof value === 'string') named.add(value)
      }
      yield text
    }
  }
  for (const store of stores) {
    for await (const { kind, text } of readHeldTexts(store, () => undefined)) {
      if (kind !== 'identity') continue
      const { attributes = {} } = parse(text)
      const pseudonym = attributes['tokentrail.identity.pseudonym']
      const value = attributes['tokentrail.identity.value']
      if (typeof pseudonym !== 'string' || !named.has(pseudonym)) continue
      if (!isWritten(written, JSON.stringify([pseudonym, value]))) yield text
    }
  }
}

function belongsTo(text: string, { pseudonyms, sessions, tokens }: SubjectFacts): boolean {
  const { session, attributes = {} } = parse(text)
  if (typeof session === 'string' && sessions.has(session)) return true
  if (isOf(attributes, pseudonyms)) return true
  const token = attributes['oauth.token.fingerprint']
  return typeof token === 'string' && tokens.has(token)
}

function isOf(
  attributes: Readonly<Record<string, unknown>>,
  pseudonyms: ReadonlySet<string>,
): boolean {
  return ['user.hash', 'oauth.token.subject'].some((name) => {
    const value = attributes[name]
    return typeof value === 'string' && pseudonyms.has(value)
  })
}

/** By digest: a store may hold millions of records of somebody. */
function isWritten(written: Set<string>, text: string): boolean {
  const digest = createHash('sha256').update(text).digest('base64url')
  if (written.has(digest)) return true
  written.add(digest)
  return false
}

/** A text that was altered is the verifier's business; it belongs to nobody here. */
function parse(text: string): Members {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
