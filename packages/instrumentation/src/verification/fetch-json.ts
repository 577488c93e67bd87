import { IssuerUnavailable } from './unavailable.ts'

/** `fetch` as a parameter. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** Longest that a request to an issuer may take, its body included. */
const TIMEOUT_MILLIS = 5_000
/** Largest answer that is read; a key set of a hundred keys has 100 kB. */
const MAX_BYTES = 512 * 1024

/**
 * Fetches a JSON object from an issuer. Redirects are not followed: a redirect could send a
 * client's credentials to whoever is named there.
 *
 * @throws {IssuerUnavailable} When there is no such answer in time; the message says why.
 */
export async function fetchJson(
  fetch: Fetch,
  url: string,
  init: RequestInit = {},
): Promise<{ readonly [name: string]: unknown }> {
  const signal = AbortSignal.timeout(TIMEOUT_MILLIS)
  const headers = { accept: 'application/json', ...(init.headers as Record<string, string>) }
  try {
    const response = await fetch(url, { ...init, headers, redirect: 'error', signal })
    const text = await readBounded(response)
    const { status } = response
    if (status !== 200) throw new IssuerUnavailable(`it answers ${status}`, status)
    return parseObject(text)
  } catch (error) {
    if (error instanceof IssuerUnavailable) throw error
    throw new IssuerUnavailable(
      signal.aborted ? `no answer in ${TIMEOUT_MILLIS / 1_000} s` : describe(error),
    )
  }
}

async function readBounded(response: Response): Promise<string> {
  const { body } = response
  if (body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > MAX_BYTES) throw new IssuerUnavailable(`an answer of more than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseObject(text: string): { readonly [name: string]: unknown } {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new IssuerUnavailable('an answer that is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new IssuerUnavailable('an answer that is no JSON object')
  }
  return value as { readonly [name: string]: unknown }
}

/** The code of a failed connection; its message may quote anything. */
function describe(error: unknown): string {
  const cause: unknown = error instanceof Error ? error.cause : undefined
  const code = (cause as { readonly code?: unknown } | undefined)?.code
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'the request failed'
}
