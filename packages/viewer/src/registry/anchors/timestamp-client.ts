import { randomBytes } from 'node:crypto'
import {
  encodeTimestampRequest,
  formatHex,
  LedgerError,
  parseTimestampResponse,
} from '@tokentrail/ledger'

/** What a time-stamp authority has answered. */
export type TimestampAnswer =
  | { readonly status: 'stamped'; readonly response: Uint8Array; readonly timeMillis: number }
  | { readonly status: 'failed'; readonly message: string }

/** Options of {@link requestTimestamp}. */
export interface TimestampClientOptions {
  readonly fetch: typeof fetch
  /** Longest that one request may take. */
  readonly timeoutMillis: number
  /** Default is that of this machine. */
  readonly random?: (bytes: number) => Uint8Array
}

/** A record ends at 8,000 bytes, and base64 makes three bytes four. */
const MAX_RESPONSE_BYTES = 5_000

/**
 * Asks an authority for a time-stamp over a text (RFC 3161 §3.4, HTTP). A token whose certificates
 * make it too large for a record is asked for again without them.
 */
export async function requestTimestamp(
  url: string,
  text: string,
  options: TimestampClientOptions,
): Promise<TimestampAnswer> {
  const first = await post(url, text, true, options)
  if (first.status === 'failed' || first.response.length <= MAX_RESPONSE_BYTES) return first
  const second = await post(url, text, false, options)
  if (second.status === 'failed' || second.response.length <= MAX_RESPONSE_BYTES) return second
  return { status: 'failed', message: 'its token is too large for a record' }
}

async function post(
  url: string,
  text: string,
  withCertificate: boolean,
  { fetch, timeoutMillis, random = randomBytes }: TimestampClientOptions,
): Promise<TimestampAnswer> {
  const nonce = Uint8Array.from(random(16))
  const body = new Uint8Array(encodeTimestampRequest(text, { nonce, withCertificate }))
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/timestamp-query' },
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMillis),
    })
    if (!response.ok) return { status: 'failed', message: `it answered ${response.status}` }
    return judge(new Uint8Array(await response.arrayBuffer()), text, nonce)
  } catch (error) {
    const name = error instanceof Error ? error.name : 'Error'
    return { status: 'failed', message: `it cannot be reached (${name})` }
  }
}

/** The signature is checked by whoever verifies; what is kept must at least be of this request. */
function judge(response: Uint8Array, text: string, nonce: Uint8Array): TimestampAnswer {
  try {
    const token = parseTimestampResponse(response, text)
    if (token.nonce !== formatHex(nonce).replace(/^(?:00)+(?=.)/, '')) {
      return { status: 'failed', message: 'it answered another request' }
    }
    return { status: 'stamped', response, timeMillis: token.timeMillis }
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    return { status: 'failed', message: error.message }
  }
}
