/** What came back for one request. */
export type Reply =
  | {
      readonly statusCode: number
      readonly retryAfter?: string
      /** Body as text, at most 64 KiB of it. */
      readonly body: string
    }
  /**
   * No answer: the system's error code, or `TIMEOUT`. Stale when it came of a connection that was
   * kept from an earlier request.
   */
  | { readonly failure: string; readonly isStale?: boolean }

/** What a reply means for the records that were sent. */
export type Answer =
  /** All were taken. */
  | { readonly status: 'delivered' }
  /** Nobody knows; the same again after a pause. */
  | { readonly status: 'retry'; readonly reason: string; readonly afterMillis?: number }
  /** Not these records, or not so many of them at once. */
  | { readonly status: 'refused'; readonly statusCode: number; readonly transient: boolean }
  /** Nothing at all, until somebody changes a setting here or there. */
  | { readonly status: 'blocked'; readonly reason: string }

/** A receiver may not ask for more patience than this. */
const MAX_RETRY_AFTER_MILLIS = 300_000

const RETRYABLE: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504])
const REFUSALS: ReadonlySet<number> = new Set([400, 413, 422, 500])

/**
 * Judges a reply. No status ever means that data may be dropped. This departs on purpose from the
 * OTLP specification ("MUST NOT retry", "MUST drop"): it is evidence that is sent.
 *
 * @param nowMillis - For a `Retry-After` that is a date.
 */
export function judgeReply(reply: Reply, nowMillis: number): Answer {
  if ('failure' in reply) return { status: 'retry', reason: reply.failure }
  const { statusCode } = reply
  if (statusCode >= 200 && statusCode < 300) return judgeSuccess(reply.body, statusCode)
  const reason = String(statusCode)
  if (RETRYABLE.has(statusCode)) {
    const afterMillis = parseRetryAfter(reply.retryAfter, nowMillis)
    return { status: 'retry', reason, ...(afterMillis === undefined ? {} : { afterMillis }) }
  }
  if (REFUSALS.has(statusCode)) {
    return { status: 'refused', statusCode, transient: statusCode === 500 }
  }
  return { status: 'blocked', reason }
}

/** An empty body is a whole ExportLogsServiceResponse without members, in protobuf as in JSON. */
function judgeSuccess(body: string, statusCode: number): Answer {
  if (body.trim() === '') return { status: 'delivered' }
  const rejected = countRejected(body)
  if (rejected === 0) return { status: 'delivered' }
  if (rejected === undefined)
    return { status: 'retry', reason: `${statusCode} without a valid body` }
  return { status: 'refused', statusCode, transient: false }
}

/** `partialSuccess.rejectedLogRecords`, an int64: a JSON string, which some write as a number. */
function countRejected(body: string): number | undefined {
  try {
    const parsed: unknown = JSON.parse(body)
    if (!isObject(parsed)) return undefined
    const partialSuccess = parsed['partialSuccess'] ?? {}
    if (!isObject(partialSuccess)) return undefined
    const count = Number(partialSuccess['rejectedLogRecords'] ?? 0)
    return Number.isSafeInteger(count) && count >= 0 ? count : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date.
 *
 * @returns Milliseconds, at most five minutes; `undefined` when it says nothing usable.
 */
export function parseRetryAfter(value: string | undefined, nowMillis: number): number | undefined {
  if (value === undefined) return undefined
  const millis = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - nowMillis
  if (Number.isNaN(millis) || millis < 0) return undefined
  return Math.min(millis, MAX_RETRY_AFTER_MILLIS)
}
