import type { RecordSource } from '@tokentrail/ledger'
import { JsonSplitter } from './json-splitter.ts'
import { isHecEvent, readValue } from './json-values.ts'
import type { Line } from './lines.ts'
import type { OtlpLineReader, Placed } from './otlp-lines/line-reader.ts'
import { isObject } from './own-member.ts'
import { isDamagedText } from './own-text.ts'
import { type Reading, NOTHING, joinReadings, unreadable } from './reading.ts'
import type { Fragment, TornLines } from './torn-lines.ts'
import { decodeText } from './utf8.ts'

const NOT_WHOLE = 'not one whole JSON value'
const NO_JSON = 'bytes that are no JSON'

/** A value that was parsed, with its text. */
interface Parsed {
  readonly value: unknown
  readonly text: string
}

/**
 * Reads the JSON of one file, however it is laid out. A line that is one value, as nearly all are,
 * is read at once; others are split or put together. One owner.
 */
export class JsonReader<Plain extends Placed> {
  readonly #file: string
  readonly #maxBytes: number
  readonly #torn: TornLines
  readonly #splitter: JsonSplitter
  readonly #lines: OtlpLineReader<Plain>
  /** A line that is no JSON and may be cut off by the end of the file. */
  #suspect: Fragment | undefined

  /** @param torn - Takes what the file's edges have cut in two. */
  constructor(file: string, maxBytes: number, torn: TornLines, lines: OtlpLineReader<Plain>) {
    this.#file = file
    this.#maxBytes = maxBytes
    this.#torn = torn
    this.#lines = lines
    this.#splitter = new JsonSplitter(maxBytes)
  }

  /** Takes the next line, or a piece of a long one. */
  take({ bytes, number, part }: Line): Reading<Plain> {
    const before = this.#giveUpSuspect()
    const source = { file: this.#file, line: number }
    if (part !== 'whole' || bytes.length > this.#maxBytes) {
      // The splitter keeps what it is fed until a value has ended.
      return joinReadings<Plain>([before, this.#feed(Buffer.from(bytes), source)])
    }
    const reading = this.#scan(bytes, source) ?? this.#takeText(bytes, source)
    return before === NOTHING ? reading : joinReadings<Plain>([before, reading])
  }

  /** Lines of the collector, as nearly all of many exports are. */
  #scan(bytes: Buffer, source: RecordSource): Reading<Plain> | undefined {
    const isIdle = !this.#splitter.isOpen && !this.#splitter.isInList
    return isIdle ? this.#lines.read(bytes, source) : undefined
  }

  #takeText(bytes: Buffer, source: RecordSource): Reading {
    const text = decodeText(bytes)
    if (text === undefined) {
      return joinReadings([this.#giveUpOpen(), unreadable(source, 'not UTF-8')])
    }
    return this.#takeLine(text.endsWith('\r') ? text.slice(0, -1) : text, source)
  }

  /** Says that the file has ended, and what of it is not whole. */
  end(): Reading {
    const { isOpen, isInList, line } = this.#splitter
    if (this.#suspect !== undefined) {
      const suspect = this.#suspect
      this.#suspect = undefined
      return this.#torn.addTail(suspect) ? NOTHING : readFragment(suspect)
    }
    if (isOpen && !isInList) {
      const text = decodeText(this.#splitter.giveUp())
      const tail = text === undefined ? undefined : { text, source: { file: this.#file, line } }
      return tail !== undefined && this.#torn.addTail(tail) ? NOTHING : this.#notWhole(line)
    }
    return isOpen || isInList ? this.#notWhole(line) : NOTHING
  }

  #takeLine(text: string, source: RecordSource): Reading {
    if (!this.#splitter.isOpen && !this.#splitter.isInList) {
      const parsed = tryParse(text)
      if (parsed !== undefined && !Array.isArray(parsed.value)) {
        return readValue(parsed.value, text, source)
      }
      if (text.trim() === '') return NOTHING
      return parsed === undefined
        ? this.#takeOdd(text, source)
        : this.#feed(Buffer.from(text), source)
    }
    const parsed = tryParse(text.replace(/,\s*$/, ''))
    if (parsed !== undefined && typeof parsed.value === 'object') {
      const reading = readValue(parsed.value, parsed.text, source)
      // Nothing that is laid out over several lines has a whole record on one of them.
      if (reading.records.length > 0) return joinReadings([this.#giveUpOpen(), reading])
    }
    return this.#feed(Buffer.from(text), source)
  }

  /** A line that is not one value: several, a damaged one, or a part of one. */
  #takeOdd(text: string, source: RecordSource): Reading {
    const trial = new JsonSplitter(this.#maxBytes)
    const pieces = trial.feed(Buffer.from(text), source.line)
    const isClosed = !trial.isOpen && !trial.isInList
    const values = pieces.flatMap((piece) => (piece.kind === 'value' ? [parse(piece.bytes)] : []))
    const whole = values.filter((value) => value !== undefined)
    // A part of a line may look like strings, one behind the other.
    const areObjects = whole.length > 0 && whole.every(({ value }) => isObject(value))
    if (isClosed && areObjects && whole.length === values.length) {
      const readings = whole.map(({ value, text }) => readValue(value, text, source))
      const hasJunk = pieces.some(({ kind }) => kind === 'junk')
      if (hasJunk) readings.push(unreadable(source, NO_JSON))
      // Splunk takes events one behind the other; in a file of lines a second value was added.
      if (whole.length > 1 && !whole.every(({ value }) => isHecEvent(value))) {
        readings.push(unreadable(source, 'a second JSON value on the line'))
      }
      return joinReadings(readings)
    }
    if (source.line === 1 && (isClosed || !/^\s*[{[]/.test(text))) {
      return this.#torn.addHead({ text, source }) ? NOTHING : readFragment({ text, source })
    }
    if (isDamagedText(text)) {
      this.#suspect = { text, source }
      return NOTHING
    }
    if (isClosed) return unreadable(source, values.length > 0 ? NOT_WHOLE : NO_JSON)
    return this.#feed(Buffer.from(text), source)
  }

  #feed(bytes: Buffer, source: RecordSource): Reading {
    const readings = this.#splitter.feed(bytes, source.line).map((piece) => {
      const place = { file: this.#file, line: piece.line }
      if (piece.kind === 'junk') return unreadable(place, NO_JSON)
      if (piece.kind === 'long') return unreadable(place, 'value is longer than the bound')
      const parsed = parse(piece.bytes)
      if (parsed === undefined) return unreadable(place, NOT_WHOLE)
      return readValue(parsed.value, parsed.text, place)
    })
    return joinReadings(readings)
  }

  #giveUpSuspect(): Reading {
    if (this.#suspect === undefined) return NOTHING
    const { text, source } = this.#suspect
    this.#suspect = undefined
    return { records: [{ body: text, source }], problems: [] }
  }

  /** Gives up a value that the next line shows to be torn; between elements of a list nothing is. */
  #giveUpOpen(): Reading {
    const { isOpen, line } = this.#splitter
    if (!isOpen) return NOTHING
    this.#splitter.giveUp()
    return this.#notWhole(line)
  }

  #notWhole(line: number): Reading {
    return unreadable({ file: this.#file, line }, NOT_WHOLE)
  }
}

/** Reads what was left of a torn line, or a line that two files have together. */
export function readFragment({ text, source }: Fragment): Reading {
  const parsed = tryParse(text)
  if (parsed !== undefined) return readValue(parsed.value, text, source)
  if (isDamagedText(text)) return { records: [{ body: text, source }], problems: [] }
  return unreadable(source, NOT_WHOLE)
}

function parse(bytes: Buffer): Parsed | undefined {
  const text = decodeText(bytes)
  return text === undefined ? undefined : tryParse(text)
}

function tryParse(text: string): Parsed | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return { value, text }
  } catch {
    return undefined
  }
}
