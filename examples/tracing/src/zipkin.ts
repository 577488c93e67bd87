import { setTimeout as sleep } from 'node:timers/promises'

/** The part of a span that is shown (Zipkin API v2). */
export interface Span {
  /** When it began: microseconds since 1970 UTC. */
  readonly timestamp?: number
  readonly localEndpoint?: { readonly serviceName?: string }
  readonly tags?: Readonly<Record<string, string>>
}

const ATTEMPTS = 50
const PAUSE_MILLIS = 200

/** Reads the spans of the traces that a query finds. */
export async function readSpans(zipkin: string, annotationQuery: string): Promise<readonly Span[]> {
  const url = new URL('/api/v2/traces', zipkin)
  url.searchParams.set('annotationQuery', annotationQuery)
  url.searchParams.set('limit', '100')
  const response = await fetch(url)
  if (!response.ok) throw new Error(`Zipkin at ${zipkin} answered ${response.status}`)
  return ((await response.json()) as readonly (readonly Span[])[]).flat()
}

/** Waits until both services have reported spans of a session that began since, and gives its id. */
export async function findSession(zipkin: string, sinceMillis: number): Promise<string> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const all = await readSpans(zipkin, 'oauth.session.id')
    const spans = all.filter(({ timestamp = 0 }) => timestamp >= sinceMillis * 1_000)
    const services = new Set(spans.map(({ localEndpoint }) => localEndpoint?.serviceName))
    const session = spans.map(({ tags }) => tags?.['oauth.session.id']).find(Boolean)
    if (session !== undefined && services.has('orders') && services.has('stock')) return session
    await sleep(PAUSE_MILLIS)
  }
  throw new Error(`no session was reported to Zipkin at ${zipkin} within 10 s; does it run there?`)
}
