import { ViewerError } from '../errors.ts'
import type { IncomingText } from '../store/store.ts'

/** What an OTLP logs message holds. */
export interface OtlpLogs {
  /** Body text of each log record, empty where it has none. */
  readonly records: readonly IncomingText[]
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
  const records: IncomingText[] = []
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

/**
 * Makes the part of an OTLP logs message whose event names are kept, with its resources and scopes;
 * `undefined` when nothing is left. The message must be one that {@link readOtlpLogs} took.
 */
export function filterOtlpLogs(
  message: unknown,
  keep: (eventName: string) => boolean,
): object | undefined {
  const resourceLogs = mapMembers(message, 'resourceLogs', (resource) => {
    const scopeLogs = mapMembers(resource, 'scopeLogs', (scope) => {
      const logRecords = mapMembers(scope, 'logRecords', (record) =>
        keep(eventNameOf(record) ?? '') ? record : undefined,
      )
      return logRecords.length === 0 ? undefined : { ...scope, logRecords }
    })
    return scopeLogs.length === 0 ? undefined : { ...resource, scopeLogs }
  })
  return resourceLogs.length === 0 ? undefined : { resourceLogs }
}

type JsonObject = Readonly<Record<string, unknown>>

function mapMembers(
  parent: unknown,
  name: string,
  map: (child: JsonObject) => JsonObject | undefined,
): readonly JsonObject[] {
  const children = isObject(parent) ? parent[name] : undefined
  if (!Array.isArray(children)) return []
  return children
    .filter(isObject)
    .map(map)
    .filter((child) => child !== undefined)
}

function readLogRecord(raw: JsonObject): IncomingText {
  const body = raw['body']
  const text = isObject(body) ? body['stringValue'] : undefined
  return { text: typeof text === 'string' ? text : '', eventName: eventNameOf(raw) }
}

function eventNameOf(raw: JsonObject): string | undefined {
  const eventName = raw['eventName']
  return typeof eventName === 'string' ? eventName : undefined
}

function arrayAt(object: JsonObject, name: string, prefix: string): readonly unknown[] {
  const value = object[name]
  // proto3 JSON: null and an absent member both mean the default, here the empty list.
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw invalid(`${prefix}${name}`, 'an array')
  return value
}

function objectAt(value: unknown, path: string): JsonObject {
  if (!isObject(value)) throw invalid(path, 'an object')
  return value
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(path: string, wanted: string): ViewerError {
  return new ViewerError(
    'ERR_VIEWER_OTLP_INVALID',
    `OTLP body: "${path}" must be ${wanted} (an ExportLogsServiceRequest in JSON)`,
  )
}
