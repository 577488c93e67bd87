import type { ExportedRecord, RecordSource } from '@tokentrail/ledger/shard'
import { readLogRecord } from '../otlp-logs.ts'
import { isObject } from '../own-member.ts'
import type { Problem, Reading } from '../reading.ts'
import { hasRepeatedName } from '../repeated-name.ts'
import { decodeText } from '../utf8.ts'
import { FrameReader } from './line-frame.ts'
import { findObjectEnd } from './object-end.ts'
import type { PatternMatcher } from './pattern-matcher.ts'
import { PatternShelf } from './pattern-shelf.ts'
import type { RecordPattern } from './record-pattern.ts'

type Writable<Type> = { -readonly [Name in keyof Type]: Type[Name] }

const COMMA = 0x2c
const CLOSE_BRACKET = 0x5d
const BACKSLASH = 0x5c

const RECORDS = '"logRecords":['

/** Makes of a record that matched a pattern what its reader wants of it. */
export type TakePlain<Plain> = (
  matcher: PatternMatcher,
  pattern: RecordPattern,
  source: RecordSource,
) => Plain

/** What can be told of a record by the place of its list only. */
export interface Placed {
  readonly serviceName?: string | undefined
}

/**
 * Reads lines of OTLP/JSON as exporters and collectors write them, without parsing most of their
 * records: one that is spelled as another was, which the verifier has found to be plain, differs
 * from it in values only. They are compared byte by byte; a record that matches no pattern is
 * parsed, and perhaps learned from. One owner; one line at a time.
 */
export class OtlpLineReader<Plain extends Placed> {
  readonly #shelf = new PatternShelf()
  readonly #frames = new FrameReader()
  readonly #take: TakePlain<Plain>

  constructor(take: TakePlain<Plain>) {
    this.#take = take
  }

  /** Reads a line; `undefined` when it is not plainly lists of log records in their resources. */
  read(line: Buffer, source: RecordSource): Reading<Plain> | undefined {
    const records: Writable<ExportedRecord | Plain>[] = []
    const problems: Problem[] = []
    const ends: number[] = []
    let frame = ''
    let at = 0
    this.#shelf.matcher.begin(line)
    for (let found = line.indexOf(RECORDS); found >= 0; found = line.indexOf(RECORDS, at)) {
      if (line[found - 1] === BACKSLASH) return undefined
      const start = found + RECORDS.length
      const around = decodeText(line.subarray(at, start))
      at = this.#readList(line, start, source, records, problems)
      if (at < 0 || around === undefined) return undefined
      frame += around
      ends.push(records.length)
    }
    const rest = decodeText(line.subarray(at))
    const places = rest === undefined ? undefined : this.#frames.read(frame + rest, ends.length)
    if (places === undefined || ends.length === 0) return undefined
    for (const [list, { serviceName }] of places.entries()) {
      if (serviceName === undefined) continue
      const end = ends[list]!
      for (let i = list === 0 ? 0 : ends[list - 1]!; i < end; i++) {
        records[i]!.serviceName = serviceName
      }
    }
    return { records, problems }
  }

  /** Reads the records of a list; gives where the bracket behind them stands, or -1. */
  #readList(
    line: Buffer,
    start: number,
    source: RecordSource,
    records: (ExportedRecord | Plain)[],
    problems: Problem[],
  ): number {
    if (line[start] === CLOSE_BRACKET) return start
    for (let at = start; ;) {
      const pattern = this.#shelf.match(at)
      if (pattern !== undefined) {
        records.push(this.#take(this.#shelf.matcher, pattern, source))
        at = this.#shelf.end
      } else {
        const end = findObjectEnd(line, at)
        const record = end < 0 ? undefined : parse(line.subarray(at, end))
        if (record === undefined) return -1
        const read = readLogRecord(record, { source })
        if (typeof read === 'string') problems.push({ line: source.line, reason: read })
        else if (read !== undefined) {
          this.#shelf.learn(at, end, record, read)
          records.push(read)
        }
        at = end
      }
      const next = line[at]
      if (next === CLOSE_BRACKET) return at
      if (next !== COMMA) return -1
      at++
    }
  }
}

/** A record that has a member twice is for who reads the whole line. */
function parse(bytes: Buffer): { readonly [name: string]: unknown } | undefined {
  const text = decodeText(bytes)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) && !hasRepeatedName(value, text) ? value : undefined
  } catch {
    return undefined
  }
}
