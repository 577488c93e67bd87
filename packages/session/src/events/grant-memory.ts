import { createLru } from '../lru.ts'

/** Which sessions are of which grant, as far as this process issued their tokens. */
export interface GrantMemory {
  /** Notes that a session is of a grant; the newest counts as the one that is used. */
  join(grant: string, session: string): void
  /** Sessions of a grant, oldest first. */
  sessionsOf(grant: string): readonly string[]
  /** Whether this process has not told of the session's start; notes that it has. */
  begin(session: string): boolean
  /** Whether this process has not told of the session's end; notes that it has. */
  end(session: string): boolean
}

const MAX_GRANTS = 20_000
const MAX_SESSIONS = 20_000
/** Most sessions of one grant: without `sid` each refresh makes one. */
const MAX_SESSIONS_OF_GRANT = 16

/**
 * Creates the memory of one recorder: at most 20,000 grants and sessions, some 4 MB. What it has
 * forgotten, or another process has issued, a reader joins by `oauth.grant.id`.
 */
export function createGrantMemory(): GrantMemory {
  const grants = createLru<string, readonly string[]>(MAX_GRANTS)
  const begun = createLru<string, true>(MAX_SESSIONS)
  const ended = createLru<string, true>(MAX_SESSIONS)

  return {
    join(grant, session) {
      const others = (grants.get(grant) ?? []).filter((other) => other !== session)
      grants.set(grant, [...others, session].slice(-MAX_SESSIONS_OF_GRANT))
    },
    sessionsOf: (grant) => grants.get(grant) ?? [],
    begin: (session) => meet(begun, session),
    end: (session) => meet(ended, session),
  }
}

function meet(table: ReturnType<typeof createLru<string, true>>, key: string): boolean {
  if (table.get(key) === true) return false
  table.set(key, true)
  return true
}
