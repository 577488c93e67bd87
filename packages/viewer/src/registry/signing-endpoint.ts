import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { LedgerError, parseBase64, severityOf } from '@tokentrail/ledger'
import { sendError, sendJson } from '../server/answer.ts'
import { readText } from './read-text.ts'
import type { InstanceIdentity } from './instance-rules.ts'
import type { HeadResult, Registry, RegistrationResult } from './registry.ts'

/** Finds out who sends a request; `undefined` when its credential is none, or does not hold. */
export type Identify = (request: IncomingMessage) => Promise<InstanceIdentity | undefined>

/** What the endpoint answers from. */
export interface SigningEndpointOptions {
  readonly registry: Registry
  readonly identify: Identify
  /** Told of a fault of the registry itself. */
  readonly onFault: (error: unknown) => void
  /** Told after every change, so that a head is signed soon. */
  readonly onChange: () => void
}

/** Answers a request to the registry. */
export type RegistryHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

const MAX_BODY_BYTES = 32_768
/** Records that are read at a time. */
const PAGE_RECORDS = 1_000

const REFUSALS: Readonly<Record<string, number>> = {
  MALFORMED: 400,
  NO_POSSESSION: 400,
  FOREIGN_SLOT: 403,
  ORIGIN_USED: 409,
}

const HEAD_STATUSES: Readonly<Record<HeadResult, number>> = {
  added: 200,
  known: 200,
  'unknown-log': 404,
  unsigned: 403,
  unproven: 422,
  fork: 409,
}

/**
 * Makes the HTTP face of a registry:
 *
 * ```text
 * POST /registry/v1/logs        certifies a log; with the instance's credential
 * POST /registry/v1/heads       takes a signed head with a consistency proof
 * GET  /registry/v1/checkpoint  the newest signed head, as a note
 * GET  /registry/v1/records     the log itself as OTLP JSON lines, ?from=<index>
 * GET  /registry/v1/heads?origin=<origin>   size of the head that is held
 * ```
 */
export function createSigningEndpoint(options: SigningEndpointOptions): RegistryHandler {
  return async (request, response) => {
    response.setHeader('x-content-type-options', 'nosniff')
    try {
      await route(options, request, response)
    } catch (error) {
      options.onFault(error)
      if (response.headersSent) response.destroy()
      else sendError(response, 503, 'ERR_REGISTRY_UNAVAILABLE', 'try again')
    }
  }
}

async function route(
  options: SigningEndpointOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = URL.parse(`http://registry${(request.url ?? '/').replace(/^\/+/, '/')}`)
  const name = `${request.method} ${url?.pathname}`
  switch (name) {
    case 'POST /registry/v1/logs':
      return registerLog(options, request, response)
    case 'POST /registry/v1/heads':
      return takeHead(options, request, response)
    case 'GET /registry/v1/heads':
      return sendHeld(options.registry, url?.searchParams.get('origin') ?? '', response)
    case 'GET /registry/v1/checkpoint':
      return sendCheckpoint(options.registry, response)
    case 'GET /registry/v1/records':
      return sendRecords(options.registry, url?.searchParams.get('from') ?? '0', response)
    default:
      return sendError(response, 404, 'ERR_REGISTRY_NOT_FOUND', 'nothing at this address')
  }
}

async function registerLog(
  { registry, identify, onChange }: SigningEndpointOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const identity = await identify(request)
  if (identity === undefined) {
    response.setHeader('www-authenticate', 'Bearer')
    return sendError(response, 401, 'ERR_REGISTRY_UNAUTHENTICATED', 'the credential does not hold')
  }
  const body = await readObject(request)
  if (body === undefined) {
    return sendError(response, 400, 'ERR_REGISTRY_MALFORMED', 'the body must be a JSON object')
  }
  const { origin, publicKey, signature } = body
  const result: RegistrationResult = registry.register(
    { origin: toText(origin), publicKey: toText(publicKey), signature: toText(signature) },
    identity,
  )
  if (result.status === 'refused') {
    const status = REFUSALS[result.code] ?? 400
    return sendError(response, status, `ERR_REGISTRY_${result.code}`, result.message)
  }
  onChange()
  return sendJson(response, 201, { certificate: result.certificate })
}

async function takeHead(
  { registry, onChange }: SigningEndpointOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readObject(request)
  const { note, proof } = body ?? {}
  const hashes = decodeProof(proof)
  if (typeof note !== 'string' || hashes === undefined) {
    const message = 'the body must hold "note", and "proof" as a list of base64'
    return sendError(response, 400, 'ERR_REGISTRY_MALFORMED', message)
  }
  const result = registry.addHead(note, { proof: hashes })
  if (result === 'added' || result === 'fork') onChange()
  const status = HEAD_STATUSES[result]
  if (status === 200) return sendJson(response, 200, { result })
  return sendError(response, status, `ERR_REGISTRY_HEAD_${result.toUpperCase()}`, `head: ${result}`)
}

function sendHeld(registry: Registry, origin: string, response: ServerResponse): void {
  if (!registry.knows(origin)) {
    return sendError(response, 404, 'ERR_REGISTRY_UNKNOWN_LOG', 'no such log has registered')
  }
  const { size = 0, seconds = null } = registry.headOf(origin) ?? {}
  return sendJson(response, 200, { size, seconds })
}

function sendCheckpoint(registry: Registry, response: ServerResponse): void {
  response.writeHead(200, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
  })
  response.end(registry.log.head?.note ?? '')
}

async function sendRecords(
  registry: Registry,
  from: string,
  response: ServerResponse,
): Promise<void> {
  if (!/^\d{1,15}$/.test(from)) {
    return sendError(response, 400, 'ERR_REGISTRY_MALFORMED', '"from" must be an index')
  }
  response.writeHead(200, {
    'content-type': 'application/x-ndjson; charset=utf-8',
    'cache-control': 'no-store',
  })
  for (let index = Number(from); !response.destroyed; index += PAGE_RECORDS) {
    const texts = registry.log.textsFrom(index, PAGE_RECORDS)
    const isRoomy = response.write(texts.map(formatExportLine).join(''))
    if (texts.length < PAGE_RECORDS) break
    if (!isRoomy) await Promise.race([once(response, 'drain'), once(response, 'close')])
  }
  response.end()
}

/** One record as a line of OTLP JSON, as every export has it. */
export function formatExportLine(text: string): string {
  const logRecords = [toLogRecord(text)]
  return `${JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })}\n`
}

/** One record as an OTLP LogRecord (proto3 JSON). */
export function toLogRecord(text: string): object {
  const { log, index, time, type } = JSON.parse(text) as Readonly<Record<string, string | number>>
  return {
    timeUnixNano: time,
    severityNumber: severityOf(String(type)),
    eventName: type,
    body: { stringValue: text },
    attributes: [{ key: 'log.record.uid', value: { stringValue: `${log}.${index}` } }],
  }
}

async function readObject(
  request: IncomingMessage,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const text = await readText(request, MAX_BODY_BYTES)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function decodeProof(proof: unknown): readonly Uint8Array[] | undefined {
  if (!Array.isArray(proof) || proof.length > 64) return undefined
  try {
    return proof.map((hash) => parseBase64(toText(hash)))
  } catch (error) {
    if (error instanceof LedgerError) return undefined
    throw error
  }
}

function toText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
