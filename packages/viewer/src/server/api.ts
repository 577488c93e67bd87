import type { IncomingMessage, ServerResponse } from 'node:http'
import type { LogsResponse, RecordResponse, SessionResponse, StatusResponse } from '../api-types.ts'
import { ViewerError } from '../errors.ts'
import type { Prover } from '../logs/proof.ts'
import type { RegistryAlarms } from '../registry/registry-alarms.ts'
import type { ToUserPseudonyms } from '../search/plan.ts'
import { MAX_LIMIT, parseSearchQuery } from '../search/query.ts'
import { searchRecords } from '../search/search-records.ts'
import { searchSessions, toSummary } from '../search/search-sessions.ts'
import { parseSessionQuery } from '../search/session-query.ts'
import type { Store } from '../store/store.ts'
import { sendError, sendJson } from './answer.ts'

/** What the API answers from. */
export interface ApiContext {
  readonly store: Store
  readonly version: string
  readonly startedAtMillis: number
  readonly otlpUrl: () => string
  /** Nanoseconds since 1970 UTC. */
  readonly now: () => bigint
  readonly toPseudonyms?: ToUserPseudonyms | undefined
  /** Of the registry, where one runs here. */
  readonly alarms: () => RegistryAlarms | undefined
  readonly logStates: () => LogsResponse
  readonly prove: Prover
}

/** Answers a request below `/api/`, all of them reads. */
export type Api = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>

/** Default page size of a list of sessions. */
const SESSIONS_LIMIT = 50

/** Makes the JSON API. `/api/live` is not part of it. */
export function createApi(context: ApiContext): Api {
  return async (request, response, url) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD')
      sendError(response, 405, 'ERR_VIEWER_METHOD', `${url.pathname} answers GET and HEAD only`)
      return
    }
    try {
      const body = await answer(context, url)
      if (body === undefined)
        sendError(response, 404, 'ERR_VIEWER_NOT_FOUND', 'nothing at this address')
      else sendJson(response, 200, body)
    } catch (error) {
      if (!(error instanceof ViewerError)) throw error
      sendError(response, 400, error.code, error.message)
    }
  }
}

async function answer(context: ApiContext, url: URL): Promise<object | undefined> {
  const [, , resource = '', id, ...rest] = url.pathname.split('/')
  if (rest.length > 0) return undefined
  if (id === undefined) return answerList(context, resource, url.searchParams)
  const name = decodeName(id)
  if (name === undefined) return undefined
  if (resource === 'sessions') return answerSession(context, name)
  if (resource === 'records') return answerRecord(context, name)
  return undefined
}

function answerList(
  context: ApiContext,
  resource: string,
  parameters: URLSearchParams,
): object | undefined {
  const { store, now, toPseudonyms } = context
  switch (resource) {
    case 'status':
      return answerStatus(context)
    case 'logs':
      return context.logStates()
    case 'records':
      return searchRecords(store, parseSearchQuery(parameters, { now: now() }), { toPseudonyms })
    case 'sessions':
      return searchSessions(
        store,
        { limit: SESSIONS_LIMIT, ...parseSessionQuery(parameters, { now: now() }) },
        { toPseudonyms },
      )
    default:
      return undefined
  }
}

function answerStatus(context: ApiContext): StatusResponse {
  const { store, startedAtMillis, version, otlpUrl } = context
  const alarms = context.alarms()
  return {
    records: store.records,
    logs: store.tables.logs.size(),
    sessions: store.tables.sessions.count(),
    rejections: store.rejections,
    startedAtMillis,
    version,
    otlpUrl: otlpUrl(),
    alarms: alarms?.list() ?? [],
    alarmCount: alarms?.count() ?? 0,
  }
}

function answerSession({ store, now }: ApiContext, id: string): SessionResponse | undefined {
  const session = store.session(id)
  if (session === undefined) return undefined
  const query = parseSearchQuery(
    [
      ['session', id],
      ['limit', String(MAX_LIMIT)],
    ],
    { now: now() },
  )
  return {
    session: toSummary(session, store),
    tokens: store.tables.tokens.ofSession(id),
    records: searchRecords(store, query).records.toReversed(),
  }
}

async function answerRecord(
  { store, prove }: ApiContext,
  uid: string,
): Promise<RecordResponse | undefined> {
  const [, origin, digits] = /^(.+)\.(0|[1-9]\d{0,15})$/s.exec(uid) ?? []
  const log = origin === undefined ? undefined : store.tables.logs.find(origin)
  if (log === undefined) return undefined
  const index = Number(digits)
  const record = store.tables.records.find(log.id, index)
  const row = record === undefined ? undefined : store.row(record.id)
  if (record === undefined || row === undefined) return undefined
  return { record: row, text: record.text, proof: await prove(log, index, record.text) }
}

function decodeName(part: string): string | undefined {
  try {
    return decodeURIComponent(part)
  } catch {
    return undefined
  }
}
