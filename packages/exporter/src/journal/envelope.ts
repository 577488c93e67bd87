import { SCHEMA_URL } from '@tokentrail/semantic-conventions'
import type { ResourceAttributes } from '../resource.ts'

/** The instrumentation scope that records are sent under. */
export interface Scope {
  readonly name: string
  readonly version: string
}

/**
 * Formats the OTLP/JSON request of a log without its records: the file `envelope.json` in the log's
 * directory, so that whoever delivers the rest of a dead log sends it under the same resource.
 */
export function formatEnvelope(resource: ResourceAttributes, scope: Scope): string {
  const attributes = Object.entries(resource).map(([key, value]) => ({
    key,
    value: { stringValue: value.toWellFormed() },
  }))
  return JSON.stringify({
    resourceLogs: [
      { resource: { attributes }, scopeLogs: [{ scope, schemaUrl: SCHEMA_URL, logRecords: [] }] },
    ],
  })
}
