import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { filesBelow } from '../e2e/support/files.ts'

/** A record that is altered or removed. */
export interface Victim {
  readonly text: string
  readonly index: number
}

/** Picks an ordinary record from the middle, whose text stands in JSON as it is but for quotes. */
export function pickVictim(texts: ReadonlySet<string>): Victim {
  const ordinary = [...texts].filter(
    (text) => text.includes('"type":"oauth.request"') && !/[^ -~]|[<>&]/.test(text),
  )
  const text = ordinary[Math.floor(ordinary.length / 2)]!
  return { text, index: (JSON.parse(text) as { readonly index: number }).index }
}

/** Copies an export with one record removed, all its copies included. */
export function copyWithout(from: string, to: string, { text }: Victim): void {
  copyLines(from, to, (line) => (mentions(line, text) ? removeFrom(line, text) : line))
}

/** Copies an export with a record altered, in all its copies: what is added stands in no attribute. */
export function copyAltered(from: string, to: string, { text }: Victim): void {
  const altered = alterText(text)
  copyLines(from, to, (line) =>
    line.replaceAll(text, altered).replaceAll(escape(text), escape(altered)),
  )
}

/** Adds a member to a canonical text. */
export const alterText = (text: string): string => text.replace('"log":', '"lag":"x","log":')

const escape = (text: string): string => JSON.stringify(text).slice(1, -1)

const mentions = (line: string, text: string): boolean =>
  line.includes(text) || line.includes(escape(text))

function copyLines(from: string, to: string, change: (line: string) => string | undefined): void {
  for (const file of filesBelow(from)) {
    const bytes = readFileSync(file)
    const packed = bytes[0] === 0x1f && bytes[1] === 0x8b
    const lines = (packed ? gunzipSync(bytes) : bytes).toString('utf8').split('\n')
    const changed = lines.map(change).filter((line) => line !== undefined)
    const target = join(to, relative(from, file))
    mkdirSync(join(target, '..'), { recursive: true })
    writeFileSync(target, packed ? gzipSync(changed.join('\n')) : changed.join('\n'))
  }
}

interface LogsData {
  resourceLogs: { scopeLogs: { logRecords: unknown[] }[] }[]
}

interface SearchResponse {
  hits: { hits: unknown[] }
}

/** A line with several records loses one of them; any other is the record, and goes. */
function removeFrom(line: string, text: string): string | undefined {
  const without = (items: unknown[]): unknown[] =>
    items.filter((item) => !mentions(JSON.stringify(item), text))
  if (line.startsWith('{"resourceLogs"')) {
    const data = JSON.parse(line) as LogsData
    for (const scope of data.resourceLogs.flatMap(({ scopeLogs }) => scopeLogs)) {
      scope.logRecords = without(scope.logRecords)
    }
    return JSON.stringify(data)
  }
  if (line.includes('"hits":{')) {
    const response = JSON.parse(line) as SearchResponse
    response.hits.hits = without(response.hits.hits)
    return JSON.stringify(response)
  }
  return undefined
}
