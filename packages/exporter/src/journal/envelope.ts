import { basename, dirname } from 'node:path'
import { SCHEMA_URL } from '@tokentrail/semantic-conventions'
import type { Disk } from '../disk/disk.ts'
import { readFully } from '../disk/files.ts'
import type { ResourceAttributes } from '../resource.ts'
import { decodePathPart, logPaths } from './layout.ts'

/** The instrumentation scope that records are sent under. */
export interface Scope {
  readonly name: string
  readonly version?: string
}

/** Scope that records are sent under, whoever made them. */
export const SCOPE_NAME = '@tokentrail/instrumentation'

/** What every envelope ends with, behind the place where the records go. */
export const ENVELOPE_END = ']}]}]}'

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

/**
 * Reads a log's envelope. Of one that is gone or damaged, what the log's place says of the resource
 * must do: its records are evidence without it, and undelivered they are none.
 */
export function readEnvelope(disk: Disk, directory: string): string {
  try {
    const text = readFully(disk, logPaths(directory).envelope).toString('utf8')
    if (isEnvelope(text)) return text
  } catch {
    // As good as damaged.
  }
  const resource = {
    'service.instance.id': basename(directory),
    'service.name': decodePathPart(basename(dirname(dirname(directory)))),
  }
  return formatEnvelope(resource, { name: SCOPE_NAME })
}

function isEnvelope(text: string): boolean {
  try {
    JSON.parse(text)
  } catch {
    return false
  }
  return text.startsWith('{"resourceLogs":[') && text.endsWith(`"logRecords":[${ENVELOPE_END}`)
}
