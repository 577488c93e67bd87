import { createLru, type Lru } from '../lru.ts'
import type { Identity } from '../record.ts'
import { RememberedIdentity } from './remembered-identity.ts'

/** What a recorder has already said in the current log. Owned by one recorder. */
export interface LogMemory {
  /**
   * Changes when the log is replaced, and whenever something is forgotten: whoever keeps what was
   * told, and notes this number with it, need not ask again until then.
   */
  readonly generation: number
  /** Starts anew when the log was replaced. Call it before every record. */
  enter(origin: string): void
  /** Says whether the session's first request in this log is this one. */
  meetSession(session: string): boolean
  /** Says whether the token must be told (again): new here, or new to one of the frameworks. */
  meetToken(fingerprint: string, frameworks: readonly string[]): boolean
  /** Gives those identities whose pseudonym the log has not resolved yet. */
  meetIdentities(identities: readonly Identity[]): readonly Identity[]
}

/** Bounds of {@link createLogMemory}. */
export interface LogMemoryOptions {
  /** Most remembered pseudonyms, an even number. Default is 100000, at most about 12 MB. */
  readonly maxIdentities?: number
  /** Most remembered tokens, an even number. Default is 50000, at most about 8 MB. */
  readonly maxTokens?: number
  /** Most remembered sessions, an even number. Default is 50000, at most about 5 MB. */
  readonly maxSessions?: number
}

/** Stands for a record of no framework: that route too must be told of a token once. */
const DEFAULT_ROUTE: readonly string[] = ['']

/**
 * Creates the tables of "once per log". Each is bounded and forgets what was used longest ago; what
 * is forgotten is said again, which is harmless: equal facts under the same pseudonym.
 */
export function createLogMemory(options: LogMemoryOptions = {}): LogMemory {
  const { maxIdentities = 100_000, maxSessions = 50_000, maxTokens = 50_000 } = options
  const identitiesSeen = createLru<string, true>(maxIdentities, 'maxIdentities')
  const sessions = createLru<string, true>(maxSessions, 'maxSessions')
  const tokens = createLru<string, readonly string[]>(maxTokens, 'maxTokens')
  let current: string | undefined

  return {
    get generation() {
      return identitiesSeen.turns + sessions.turns + tokens.turns
    },
    enter(origin) {
      if (origin === current) return
      current = origin
      identitiesSeen.clear()
      sessions.clear()
      tokens.clear()
    },
    meetSession: (session) => meet(sessions, session),
    meetToken(fingerprint, frameworks) {
      const routes = frameworks.length === 0 ? DEFAULT_ROUTE : frameworks
      const told = tokens.get(fingerprint)
      if (
        told === routes ||
        (told !== undefined && routes.every((route) => told.includes(route)))
      ) {
        return false
      }
      tokens.set(fingerprint, told === undefined ? routes : [...new Set([...told, ...routes])])
      return true
    },
    meetIdentities(identities) {
      const { generation } = this
      const untold = identities.filter((each) => !RememberedIdentity.isTold(each, generation))
      if (untold.length === 0) return untold
      const fresh = untold.filter(({ pseudonym }) => meet(identitiesSeen, pseudonym))
      for (const identity of untold) RememberedIdentity.noteTold(identity, this.generation)
      return fresh
    },
  }
}

function meet(table: Lru<string, true>, key: string): boolean {
  if (table.get(key) === true) return false
  table.set(key, true)
  return true
}
