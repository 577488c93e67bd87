import type { IncomingMessage, ServerResponse } from 'node:http'
import { ViewerError } from '../errors.ts'
import type { AppendResult, Store } from '../store/store.ts'
import { MAX_BODY_BYTES, readBody, type BodyRoom } from './body.ts'
import { readOtlpLogs } from './otlp.ts'

/** Counts of what the receiver took since it started. */
export interface ReceiverTotals {
  readonly requests: number
  readonly stored: number
  readonly duplicates: number
  /** Log records that no Tokentrail recorder made: not stored. */
  readonly foreign: number
  readonly unreadable: number
}

/** Options of {@link createReceiver}. */
export interface ReceiverOptions {
  readonly store: Store
  /** Gets each message that was stored, before the sender has its answer; its error is a 503. */
  readonly onAccepted?: ((message: unknown) => void) | undefined
  /** Told why the sender was answered with 503. */
  readonly onFault: (error: unknown) => void
  /** Bytes of bodies that may be read at once; beyond them the answer is 503. Default is 160 MiB. */
  readonly maxRoomBytes?: number
}

/** The OTLP/HTTP logs endpoint. */
export interface Receiver {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  totals(): ReceiverTotals
}

/** Codes of google.rpc.Status, which OTLP/HTTP answers errors with. */
const INVALID_ARGUMENT = 3
const UNAVAILABLE = 14
/** Of bodies that are being read at once: eight of the largest. */
const MAX_ROOM_BYTES = 8 * MAX_BODY_BYTES

/**
 * Makes the OTLP/HTTP endpoint for logs in JSON (opentelemetry-proto, `docs/specification.md`). It
 * answers 200 when everything readable is stored, with `partialSuccess` for records that are not
 * readable; 400, 413, 415 when sending the same again cannot help; 503 when it can.
 */
export function createReceiver(options: ReceiverOptions): Receiver {
  const { store, onAccepted, onFault, maxRoomBytes = MAX_ROOM_BYTES } = options
  const room: BodyRoom = { maxBytes: maxRoomBytes, bytes: 0 }
  const totals = { requests: 0, stored: 0, duplicates: 0, foreign: 0, unreadable: 0 }

  function take(text: string): AppendResult {
    const message = parseJson(text)
    const { records, broken } = readOtlpLogs(message)
    const result = store.append(records)
    onAccepted?.(message)
    totals.requests += 1
    totals.stored += result.stored + result.identities
    totals.duplicates += result.duplicates
    totals.foreign += result.foreign
    totals.unreadable += result.unreadable + broken
    const problem = result.problem ?? (broken > 0 ? 'log record is no object' : null)
    return { ...result, unreadable: result.unreadable + broken, problem }
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refuseContentType(request.headers['content-type'])
    if (refusal !== undefined) return answerError(response, 415, INVALID_ARGUMENT, refusal)
    const body = await readBody(request, room)
    if (body.status === 'aborted') return undefined
    if (body.status === 'refused') {
      // The rest of the body is not read: the connection cannot carry another request.
      response.setHeader('connection', 'close')
      const code = body.statusCode === 503 ? UNAVAILABLE : INVALID_ARGUMENT
      return answerError(response, body.statusCode, code, body.message)
    }
    try {
      return answer(response, 200, toSuccess(take(body.text)))
    } catch (error) {
      if (error instanceof ViewerError && error.code === 'ERR_VIEWER_OTLP_INVALID') {
        return answerError(response, 400, INVALID_ARGUMENT, error.message)
      }
      onFault(error)
      return answerError(response, 503, UNAVAILABLE, 'the store cannot take records now')
    }
  }

  return { handle, totals: () => ({ ...totals }) }
}

function toSuccess({ unreadable, problem }: AppendResult): object {
  if (unreadable === 0) return {}
  return {
    partialSuccess: {
      rejectedLogRecords: String(unreadable),
      errorMessage: `${unreadable} log record(s) cannot be read; the first: ${problem}`,
    },
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ViewerError('ERR_VIEWER_OTLP_INVALID', 'OTLP body: "$" is not JSON')
  }
}

function refuseContentType(header: string | undefined): string | undefined {
  const type = header?.split(';')[0]?.trim().toLowerCase()
  if (type === 'application/json') return undefined
  if (type === 'application/x-protobuf') {
    return (
      'protobuf is not taken here: set "encoding: json" on the otlphttp exporter ' +
      '(OTEL_EXPORTER_OTLP_PROTOCOL=http/json in an SDK)'
    )
  }
  return 'content-type must be application/json'
}

function answerError(
  response: ServerResponse,
  statusCode: number,
  code: number,
  message: string,
): void {
  // Nothing of the body may have been read.
  if (statusCode !== 503) response.setHeader('connection', 'close')
  answer(response, statusCode, { code, message })
}

function answer(response: ServerResponse, statusCode: number, body: object): void {
  response.writeHead(statusCode, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
