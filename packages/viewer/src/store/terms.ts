import { integerOf, textOf, textsOf, type RecordFacts } from './record-facts.ts'

/** Filters that are answered by postings; the others have an index of their own. */
export type TermName =
  | 'client'
  | 'event'
  | 'framework'
  | 'method'
  | 'reason'
  | 'route'
  | 'scope'
  | 'service'
  | 'status'
  | 'user'

/** Key of a term: `<name>=<value>`. Names hold no `=`, so the key is unambiguous. */
export function formatTerm(name: TermName, value: string): string {
  return `${name}=${value}`
}

/** The terms that one record is found by, each once. */
export function buildTerms(facts: RecordFacts): ReadonlySet<string> {
  const terms = new Set<string>()
  const add = (name: TermName, value: string | null): void => {
    if (value !== null) terms.add(formatTerm(name, value))
  }
  add('event', facts.type)
  add('service', parseOrigin(facts.log).service)
  add('client', textOf(facts, 'oauth.client.id'))
  add('user', textOf(facts, 'user.hash'))
  add('method', textOf(facts, 'http.request.method'))
  add('route', routeOf(facts))
  add('reason', reasonOf(facts))
  add('status', integerOf(facts, 'http.response.status_code')?.toString() ?? null)
  for (const scope of textsOf(facts, 'oauth.token.scopes')) add('scope', scope)
  for (const framework of textsOf(facts, 'compliance.framework')) add('framework', framework)
  return terms
}

/** Route template, else the path. */
export function routeOf(facts: RecordFacts): string | null {
  return textOf(facts, 'http.route') ?? textOf(facts, 'url.path')
}

/** Reason of a rejection, else of a session's start or end. */
export function reasonOf(facts: RecordFacts): string | null {
  return (
    textOf(facts, 'oauth.rejection.reason') ??
    textOf(facts, 'oauth.session.start_reason') ??
    textOf(facts, 'oauth.session.end_reason')
  )
}

/**
 * Takes an origin `<service>/<slot>/<uuid>` apart. Parts that are not percent-encoded as the format
 * says stand as they are: origins are shown, never trusted.
 */
export function parseOrigin(origin: string): { readonly service: string; readonly slot: string } {
  const [service = '', slot = ''] = origin.split('/')
  return { service: decodePart(service), slot: decodePart(slot) }
}

function decodePart(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
