import { readDocument } from './documents.ts'
import type { Line } from './lines.ts'
import { addOwn, isObject, type Members, setOwn } from './own-member.ts'
import { isDamagedText, isOurText } from './own-text.ts'
import { type Reading, NOTHING, joinReadings, unreadable } from './reading.ts'
import { decodeText } from './utf8.ts'

/** Columns that hold the text of a record, in the exports of Splunk, Kibana and Dashboards. */
const BODY_COLUMNS = [
  '_raw',
  'body.text',
  'body_text',
  'message',
  'body',
  'Body',
  '_source.body.text',
]
const DELIMITERS = [',', '\t', ';'] as const
const SOURCE_PREFIX = '_source.'

/** How a table is laid out, as its first line says. */
export interface CsvLayout {
  readonly columns: readonly string[]
  readonly delimiter: string
}

/** Reads the first line of a file; `undefined` when it is no header of a table with records. */
export function parseCsvHeader(line: string): CsvLayout | undefined {
  for (const delimiter of DELIMITERS) {
    const columns = parseRow(line, delimiter)
    if (columns?.some((column) => BODY_COLUMNS.includes(column))) return { columns, delimiter }
  }
  return undefined
}

/** Lines that one row may go over, before a quotation mark too many is suspected. */
const MAX_ROW_LINES = 64

/** A line of a table, with its number. */
interface RowLine {
  readonly text: string
  readonly number: number
}

/** Reads the rows of a table (RFC 4180), one of which may go over several lines. One owner. */
export class CsvReader {
  readonly #file: string
  readonly #layout: CsvLayout
  readonly #maxBytes: number
  /** Lines of a row that has not ended. */
  #held: RowLine[] = []
  #heldLength = 0

  constructor(file: string, layout: CsvLayout, maxBytes: number) {
    this.#file = file
    this.#layout = layout
    this.#maxBytes = maxBytes
  }

  /** Takes the next line. */
  take({ bytes, number, part }: Line): Reading {
    const text = decodeText(bytes)
    if (text !== undefined && part === 'whole') return this.#takeAll([{ text, number }])
    const reason = text === undefined ? 'not UTF-8' : 'row is longer than the bound'
    return joinReadings([this.end(), unreadable({ file: this.#file, line: number }, reason)])
  }

  /** Says that the file has ended, and what of it is not whole. */
  end(): Reading {
    const readings: Reading[] = []
    while (this.#held.length > 0) readings.push(this.#dropFirst())
    return readings.length === 0 ? NOTHING : joinReadings(readings)
  }

  #takeAll(lines: readonly RowLine[]): Reading {
    const readings = lines.map((line) => this.#takeLine(line))
    return joinReadings(readings)
  }

  #takeLine(line: RowLine): Reading {
    if (this.#held.length === 0 && line.text.trim() === '') return NOTHING
    this.#held.push(line)
    this.#heldLength += line.text.length
    const text = this.#held.map((held) => held.text).join('\n')
    const isTooLong = this.#held.length > MAX_ROW_LINES || this.#heldLength > this.#maxBytes
    if (hasOpenQuote(text)) return isTooLong ? this.#dropFirst() : NOTHING
    const row = this.#toRow(text.replace(/\r$/, ''))
    if (row === undefined) return this.#dropFirst()
    const source = { file: this.#file, line: this.#held[0]!.number }
    this.#held = []
    this.#heldLength = 0
    return readDocument(row, source)
  }

  /** A quotation mark too many would swallow the rest: the first line goes, the others begin anew. */
  #dropFirst(): Reading {
    const [first, ...others] = this.#held
    this.#held = []
    this.#heldLength = 0
    const source = { file: this.#file, line: first!.number }
    const text = first!.text.replaceAll('""', '"')
    const reading: Reading = isDamagedText(text)
      ? { records: [{ body: text, source }], problems: [] }
      : unreadable(source, 'not one whole row of the table')
    return joinReadings([reading, this.#takeAll(others)])
  }

  #toRow(text: string): Members | undefined {
    const { columns, delimiter } = this.#layout
    const cells = parseRow(text, delimiter)
    if (cells?.length !== columns.length) return undefined
    const row: Members = {}
    columns.forEach((column, i) => {
      // A column may be there twice, under one name or two; which of them is shown is not ours to say.
      if (cells[i] !== '') addOwn(row, columnName(column), cells[i])
    })
    return restoreLists(row)
  }
}

function columnName(column: string): string {
  return column.startsWith(SOURCE_PREFIX) ? column.slice(SOURCE_PREFIX.length) : column
}

function hasOpenQuote(text: string): boolean {
  let isOpen = false
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) isOpen = !isOpen
  return isOpen
}

/** Splits a row into its cells; `undefined` when its quotation marks are not in order. */
function parseRow(text: string, delimiter: string): string[] | undefined {
  const cells: string[] = []
  let at = 0
  for (;;) {
    if (text[at] !== '"') {
      const end = text.indexOf(delimiter, at)
      const cell = text.slice(at, end < 0 ? undefined : end)
      if (cell.includes('"')) return undefined
      cells.push(cell)
      if (end < 0) return cells
      at = end + 1
      continue
    }
    let end = text.indexOf('"', at + 1)
    while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2)
    if (end < 0) return undefined
    cells.push(text.slice(at + 1, end).replaceAll('""', '"'))
    if (end + 1 === text.length) return cells
    if (text[end + 1] !== delimiter) return undefined
    at = end + 2
  }
}

/** A cell cannot hold a list; these stores write its elements on lines, or behind commas. */
function restoreLists(row: Members): Members {
  const body = BODY_COLUMNS.map((name) => row[name]).find(
    (cell) => typeof cell === 'string' && isOurText(cell),
  )
  const own = typeof body === 'string' ? parseAttributes(body) : undefined
  if (own === undefined) return row
  for (const [name, list] of Object.entries(own)) {
    if (!Array.isArray(list)) continue
    for (const column of [name, `attributes.${name}`, `Attributes.${name}`]) {
      const cell = String(row[column]).replaceAll('\r\n', '\n')
      const isSame = ['\n', ', ', ','].some((separator) => list.join(separator) === cell)
      if (isSame) setOwn(row, column, list)
    }
  }
  return row
}

function parseAttributes(body: string): { readonly [name: string]: unknown } | undefined {
  try {
    const record: unknown = JSON.parse(body)
    const attributes = isObject(record) ? record['attributes'] : undefined
    return isObject(attributes) ? attributes : undefined
  } catch {
    return undefined
  }
}
