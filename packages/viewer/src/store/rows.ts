import type { RecordRow, UserReference } from '../api-types.ts'
import type { IdentityTable } from './identity-table.ts'
import { integerOf, readText, textOf, textsOf, type RecordFacts } from './record-facts.ts'
import { parseOrigin, reasonOf, routeOf } from './terms.ts'
import type { TokenTable } from './token-table.ts'

/** What a row is joined with. */
export interface RowJoins {
  readonly identities: IdentityTable
  readonly tokens: TokenTable
}

/** Makes the row of a record from its canonical text; `undefined` for a text that is no record. */
export function buildRow(text: string, joins: RowJoins): RecordRow | undefined {
  const read = readText(text, undefined)
  return read.kind === 'record' ? toRow(read.facts, joins) : undefined
}

/** Person behind a pseudonym. */
export function toUser(hash: string | null, identities: IdentityTable): UserReference | null {
  return hash === null ? null : { hash, name: identities.valueOf('sub', hash) }
}

function toRow(facts: RecordFacts, { identities, tokens }: RowJoins): RecordRow {
  const token = textOf(facts, 'oauth.token.fingerprint')
  const join = facts.session === null && token !== null ? tokens.joinOf(token) : undefined
  const user = textOf(facts, 'user.hash') ?? join?.user ?? null
  return {
    uid: `${facts.log}.${facts.index}`,
    log: facts.log,
    index: facts.index,
    type: facts.type,
    time: facts.time,
    session: facts.session ?? join?.session ?? null,
    user: toUser(user, identities),
    client: textOf(facts, 'oauth.client.id') ?? join?.client ?? null,
    method: textOf(facts, 'http.request.method'),
    route: routeOf(facts),
    status: integerOf(facts, 'http.response.status_code'),
    decision: toDecision(textOf(facts, 'oauth.decision')),
    reason: reasonOf(facts),
    errorCode: textOf(facts, 'oauth.error.code'),
    scopes: textsOf(facts, 'oauth.token.scopes'),
    missingScopes: textsOf(facts, 'oauth.missing_scopes'),
    frameworks: textsOf(facts, 'compliance.framework'),
    trace: facts.trace,
    span: facts.span,
    token,
    service: parseOrigin(facts.log).service,
    address: clearOrOwn(facts, 'client.address', 'address', identities),
    userAgent:
      clearOf(facts, 'user_agent.original', 'user_agent', identities) ??
      textOf(facts, 'user_agent.name'),
  }
}

function clearOf(
  facts: RecordFacts,
  name: string,
  kind: string,
  identities: IdentityTable,
): string | null {
  const pseudonym = textOf(facts, name)
  return pseudonym === null ? null : identities.valueOf(kind, pseudonym)
}

function clearOrOwn(
  facts: RecordFacts,
  name: string,
  kind: string,
  identities: IdentityTable,
): string | null {
  return clearOf(facts, name, kind, identities) ?? textOf(facts, name)
}

function toDecision(value: string | null): RecordRow['decision'] {
  return value === 'allow' || value === 'deny' ? value : null
}
