import {
  type IntakeShard,
  type PlainLeaf,
  type ReadRecord,
  readShard,
} from '@tokentrail/ledger/shard'
import type { ByteRange } from '../byte-range.ts'
import { FileReader } from '../file-reader.ts'
import type { OtlpLineReader } from '../otlp-lines/line-reader.ts'
import type { Problem } from '../reading.ts'
import { type Fragments, TornLines } from '../torn-lines.ts'

/** A file of an export, or the lines of one that begin in a range. */
export interface ExportPart {
  readonly file: string
  readonly bytes: number
  readonly range?: ByteRange
}

/** What a part gave; plain data. Lines are counted from its beginning. */
export interface PartResult {
  readonly shard: IntakeShard
  readonly lines: number
  /** The first 10,000, and one more that says so. */
  readonly problems: readonly Problem[]
  readonly fragments: Fragments
}

/** Problems that are kept of a part; a file of another kind has as many as it has lines. */
const MAX_PROBLEMS = 10_000

/**
 * Reads a part of an export, up to what is about whole logs.
 *
 * @param lines - Reads lines of OTLP; what it has learned of one part holds for the next.
 * @throws {ExporterError} `ERR_EXPORTER_EXPORT_UNREADABLE` when the file cannot be opened.
 */
export async function readPart(
  { file, range }: ExportPart,
  lines: OtlpLineReader<PlainLeaf>,
  onBytes: (bytes: number) => void,
  bound: { readonly maxLineBytes?: number },
): Promise<PartResult> {
  const torn = new TornLines()
  const reader = new FileReader({ file, torn, lines, onBytes, ...(range && { range }), ...bound })
  const problems: Problem[] = []
  const note = (problem: Problem): void => {
    if (problems.length < MAX_PROBLEMS) problems.push(problem)
    else if (problems.length === MAX_PROBLEMS) {
      problems.push({ ...problem, reason: 'this and more that cannot be read' })
    }
  }
  async function* records(): AsyncGenerator<readonly ReadRecord[]> {
    for await (const { records, problems: found } of reader.read()) {
      if (records.length > 0) yield records
      for (const problem of found) note(problem)
    }
  }
  const shard = await readShard(records())
  return { shard, lines: reader.lines, problems, fragments: torn.toFragments() }
}
