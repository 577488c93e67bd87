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

/** One wrong letter in a name would have a receiver accept a request in which it sees no record. */
function isEnvelope(text: string): boolean {
  try {
    const { resourceLogs } = JSON.parse(text) as Envelope
    const { resource, scopeLogs } = resourceLogs[0]
    const attributes = resource.attributes.map(({ key, value }) => [key, value.stringValue])
    return formatEnvelope(Object.fromEntries(attributes), scopeLogs[0].scope) === text
  } catch {
    return false
  }
}

interface Envelope {
  readonly resourceLogs: readonly [
    {
      readonly resource: {
        readonly attributes: readonly {
          readonly key: string
          readonly value: { readonly stringValue: string }
        }[]
      }
      readonly scopeLogs: readonly [{ readonly scope: Scope }]
    },
  ]
}
