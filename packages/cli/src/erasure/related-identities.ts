/** Pseudonyms that stand in records together with a subject's. */
export interface RelatedIdentities {
  /** By kind, those that stand in no record of anybody else. */
  readonly own: ReadonlyMap<RelatedKind, readonly string[]>
  /** Those that others use too, as an address behind which many sit. */
  readonly shared: readonly string[]
}

/** Kinds of identity, besides the subject itself, that may be a subject's alone. */
export type RelatedKind = 'sid' | 'address' | 'user_agent'

const KINDS: { readonly [kind in RelatedKind]: string } = {
  sid: 'oauth.oidc.session.id',
  address: 'client.address',
  user_agent: 'user_agent.original',
}

const PSEUDONYM = /^[A-Za-z0-9_-]{22}$/
const SUBJECT = 1
const OTHER = 2

/**
 * Looks through the records of all stores for identities that belong to one subject alone. A record
 * that names nobody counts as somebody else's.
 */
export class RelatedIdentityFinder {
  readonly #subject: ReadonlySet<string>
  /** Who uses a pseudonym, by kind: bits of {@link SUBJECT} and {@link OTHER}. */
  readonly #users = new Map<RelatedKind, Map<string, number>>(
    (Object.keys(KINDS) as RelatedKind[]).map((kind) => [kind, new Map<string, number>()]),
  )

  constructor(pseudonyms: readonly string[]) {
    this.#subject = new Set(pseudonyms)
  }

  /** @param text - Canonical text of a record. */
  add(text: string): void {
    if (!text.includes('"attributes":{')) return
    const { attributes = {} } = JSON.parse(text) as {
      readonly attributes?: Readonly<Record<string, unknown>>
    }
    const user = attributes['user.hash'] ?? attributes['oauth.token.subject']
    const who = typeof user === 'string' && this.#subject.has(user) ? SUBJECT : OTHER
    for (const [kind, users] of this.#users) {
      const pseudonym = attributes[KINDS[kind]]
      if (typeof pseudonym !== 'string' || !PSEUDONYM.test(pseudonym)) continue
      users.set(pseudonym, (users.get(pseudonym) ?? 0) | who)
    }
  }

  result(): RelatedIdentities {
    const own = new Map<RelatedKind, readonly string[]>()
    const shared: string[] = []
    for (const [kind, users] of this.#users) {
      own.set(
        kind,
        [...users].filter(([, who]) => who === SUBJECT).map(([pseudonym]) => pseudonym),
      )
      for (const [pseudonym, who] of users) if (who === (SUBJECT | OTHER)) shared.push(pseudonym)
    }
    return { own, shared }
  }
}
