import type {
  ErrorResponse,
  LogsResponse,
  RecordResponse,
  RecordsResponse,
  SessionResponse,
  SessionsResponse,
  StatusResponse,
} from '../../src/api-types.ts'

/** What went wrong with a call: no answer at all, an answer that refuses, or one that is unreadable. */
export type ApiErrorKind = 'unreachable' | 'refused' | 'missing' | 'unreadable'

/** Thrown by every call of {@link Api}. The message is the server's own, meant for the reader. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError'
  readonly kind: ApiErrorKind
  constructor(kind: ApiErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.kind = kind
  }
}

/** The viewer's search API. */
export interface Api {
  status(signal?: AbortSignal): Promise<StatusResponse>
  logs(signal?: AbortSignal): Promise<LogsResponse>
  sessions(params: URLSearchParams, signal?: AbortSignal): Promise<SessionsResponse>
  session(id: string, signal?: AbortSignal): Promise<SessionResponse>
  records(params: URLSearchParams, signal?: AbortSignal): Promise<RecordsResponse>
  record(uid: string, signal?: AbortSignal): Promise<RecordResponse>
}

/** Makes a client of the API that the page came from. Throws {@link ApiError}. */
export function createApi(fetch: typeof globalThis.fetch): Api {
  const get = <T>(path: string, signal?: AbortSignal) => getJson<T>(fetch, path, signal)
  return {
    status: (signal) => get('/api/status', signal),
    logs: (signal) => get('/api/logs', signal),
    sessions: (params, signal) => get(`/api/sessions?${params}`, signal),
    session: (id, signal) => get(`/api/sessions/${encodeURIComponent(id)}`, signal),
    records: (params, signal) => get(`/api/records?${params}`, signal),
    record: (uid, signal) => get(`/api/records/${encodeURIComponent(uid)}`, signal),
  }
}

async function getJson<T>(
  fetch: typeof globalThis.fetch,
  path: string,
  signal?: AbortSignal,
): Promise<T> {
  const headers = { accept: 'application/json' }
  const response = await fetch(
    path,
    signal === undefined ? { headers } : { headers, signal },
  ).catch((cause: unknown) => {
    if (signal?.aborted === true) throw cause
    throw new ApiError('unreachable', 'The viewer does not answer.', { cause })
  })
  const body: unknown = await response.json().catch(() => null)
  if (response.ok && body !== null) return body as T
  if (response.ok) throw new ApiError('unreadable', 'The viewer sent an answer that is no JSON.')
  const message = readMessage(body) ?? `The viewer answered with status ${response.status}.`
  throw new ApiError(response.status === 404 ? 'missing' : 'refused', message)
}

function readMessage(body: unknown): string | null {
  const error = (body as Partial<ErrorResponse> | null)?.error
  return typeof error?.message === 'string' ? error.message : null
}
