import { ViewerError } from '../errors.ts'
import type { IncomingText } from '../store/store.ts'

/** One OTLP log record: its body text where it has one, and the record as it came. */
export interface OtlpLogRecord extends IncomingText {
  readonly raw: Readonly<Record<string, unknown>>
}

/** What an OTLP logs message holds. */
export interface OtlpLogs {
  readonly records: readonly OtlpLogRecord[]
  /** Log records that are no JSON object: nothing can be read from them. */
  readonly broken: number
}

/**
 * Takes the log records out of an OTLP/JSON `ExportLogsServiceRequest` (opentelemetry-proto,
 * `collector/logs/v1`). Unknown members are ignored, as proto3 JSON asks of a receiver.
 *
 * @throws {@link ViewerError} `ERR_VIEWER_OTLP_INVALID` naming the JSON path that is wrong.
 */
export function readOtlpLogs(message: unknown): OtlpLogs {
  const records: OtlpLogRecord[] = []
  let broken = 0
  const resourceLogs = arrayAt(objectAt(message, '$'), 'resourceLogs', '')
  for (const [at, resource] of resourceLogs.entries()) {
    const resourcePath = `resourceLogs[${at}]`
    const scopes = arrayAt(objectAt(resource, resourcePath), 'scopeLogs', `${resourcePath}.`)
    for (const [scopeAt, scope] of scopes.entries()) {
      const scopePath = `${resourcePath}.scopeLogs[${scopeAt}]`
      for (const raw of arrayAt(objectAt(scope, scopePath), 'logRecords', `${scopePath}.`)) {
        if (isObject(raw)) records.push(readLogRecord(raw))
        else broken += 1
      }
    }
  }
  return { records, broken }
}

function readLogRecord(raw: Readonly<Record<string, unknown>>): OtlpLogRecord {
  const body = raw['body']
  const text = isObject(body) ? body['stringValue'] : undefined
  const eventName = raw['eventName']
  return {
    text: typeof text === 'string' ? text : '',
    eventName: typeof eventName === 'string' ? eventName : undefined,
    raw,
  }
}

function arrayAt(
  object: Readonly<Record<string, unknown>>,
  name: string,
  prefix: string,
): readonly unknown[] {
  const value = object[name]
  // proto3 JSON: null and an absent member both mean the default, here the empty list.
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw invalid(`${prefix}${name}`, 'an array')
  return value
}

function objectAt(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (!isObject(value)) throw invalid(path, 'an object')
  return value
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(path: string, wanted: string): ViewerError {
  return new ViewerError(
    'ERR_VIEWER_OTLP_INVALID',
    `OTLP body: "${path}" must be ${wanted} (an ExportLogsServiceRequest in JSON)`,
  )
}
