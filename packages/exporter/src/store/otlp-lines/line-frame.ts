import { isObject } from '../own-member.ts'
import { hasRepeatedName } from '../repeated-name.ts'
import { readServiceName } from '../otlp-logs.ts'
import { mayHaveProtoLists } from '../proto-names.ts'

/** What a list of log records stands in. */
export interface ListPlace {
  readonly serviceName?: string
}

/**
 * Reads a line of OTLP logs whose lists of records were left out: the places of the lists in their
 * order, or `undefined` for anything else. It remembers the last one: most lines are alike in
 * this.
 */
export class FrameReader {
  #frame = ''
  #places: readonly ListPlace[] | undefined

  read(frame: string, lists: number): readonly ListPlace[] | undefined {
    if (frame !== this.#frame) {
      this.#frame = frame
      this.#places = readPlaces(frame)
    }
    return this.#places?.length === lists ? this.#places : undefined
  }
}

const NAME = '"logRecords"'

/** Every list that was left out must be one of log records, and there must be no other. */
function readPlaces(frame: string): readonly ListPlace[] | undefined {
  // With an escape a name could be spelled in another way.
  const isPlain = !frame.includes('\\') && !mayHaveProtoLists(frame)
  const data = isPlain ? tryParse(frame) : undefined
  const resources = isObject(data) && Object.keys(data).length === 1 ? data['resourceLogs'] : []
  if (!Array.isArray(resources)) return undefined
  const places: ListPlace[] = []
  for (const resource of resources as readonly unknown[]) {
    const scopes = isObject(resource) ? resource['scopeLogs'] : undefined
    if (!Array.isArray(scopes)) return undefined
    const place = readServiceName(resource)
    for (const scope of scopes as readonly unknown[]) {
      const records = isObject(scope) ? scope['logRecords'] : undefined
      if (!Array.isArray(records) || records.length > 0) return undefined
      places.push(place)
    }
  }
  return frame.split(NAME).length - 1 === places.length ? places : undefined
}

function tryParse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text)
    return hasRepeatedName(value, text) ? undefined : value
  } catch {
    return undefined
  }
}
