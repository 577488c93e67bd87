import { readText, textOf, type RecordFacts } from './record-facts.ts'
import type { StoreTables } from './tables.ts'
import type { JoinChange } from './token-table.ts'

/**
 * Takes a new record into the summary of its session: that of its text, else that of its token.
 * When it is the first to tell a token's session or identity, the token's earlier records join
 * too.
 */
export function joinSession(id: number, facts: RecordFacts, tables: StoreTables): void {
  const { records, sessions, tokens } = tables
  for (const change of [tokens.observe(facts), tokens.observeParent(facts)]) {
    if (change !== undefined) joinEarlier(change, tables)
  }
  if (facts.session !== null) {
    sessions.fold(facts.session, facts)
    return
  }
  const token = textOf(facts, 'oauth.token.fingerprint')
  const join = token === null ? undefined : tokens.joinOf(token)
  if (join === undefined) return
  records.join(id, join)
  if (join.session !== null) sessions.fold(join.session, facts)
}

function joinEarlier({ token, before, now }: JoinChange, tables: StoreTables): void {
  const { records, sessions } = tables
  const isNew = now.session !== null && now.session !== (before?.session ?? null)
  for (const { id, text } of records.unattributedOf(token)) {
    records.join(id, now)
    const earlier = readText(text, undefined)
    if (isNew && earlier.kind === 'record') sessions.fold(now.session, earlier.facts)
  }
}
