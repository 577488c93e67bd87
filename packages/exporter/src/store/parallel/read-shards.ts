import { availableParallelism } from 'node:os'
import { type IntakeShard, readShard } from '@tokentrail/ledger/shard'
import { readFragment } from '../json-reader.ts'
import { type ReadExportOptions, listExport, pickBound, refuse } from '../read-export.ts'
import { OtlpLineReader } from '../otlp-lines/line-reader.ts'
import { takeLeaf } from '../otlp-lines/take-plain.ts'
import { TornLines } from '../torn-lines.ts'
import { readParts } from './part-pool.ts'
import { type ExportPart, type PartResult, readPart } from './part-reader.ts'
import { planParts } from './plan-parts.ts'

/** How an export is read by threads. */
export interface ReadShardsOptions extends ReadExportOptions {
  /** Most threads beside this one. Default is one for each processor. */
  readonly threads?: number
  /** Smallest part of a file that a thread reads, in bytes. Default is 16 MiB. */
  readonly partBytes?: number
}

/** Below this no thread is started: starting one takes longer than reading that much. */
const MIN_PARALLEL_BYTES = 32 * 1024 * 1024

/**
 * Reads an export as `readExport` does, and everything of it that can be told record by record, in
 * as many threads as there are processors: for `verifyShards`, which does the rest. The outcome
 * does not depend on the number of threads.
 *
 * @throws {ExporterError} As `readExport` does.
 */
export async function* readShards(
  paths: readonly string[],
  options: ReadShardsOptions = {},
): AsyncGenerator<IntakeShard> {
  const { onUnreadable = refuse, onProgress, partBytes } = options
  const parts = await planParts(await listExport(paths, onUnreadable), partBytes)
  const totalBytes = parts.reduce((sum, { bytes }) => sum + bytes, 0)
  let readBytes = 0
  const onBytes = (bytes: number): void =>
    onProgress?.({ readBytes: (readBytes += bytes), totalBytes })
  const torn = new TornLines()
  // Lines of the parts of a file that came before.
  const lines = new Map<string, number>()
  let at = 0
  for await (const result of readAll(parts, totalBytes, onBytes, options)) {
    const { file } = parts[at]!
    const before = lines.get(file) ?? 0
    lines.set(file, before + result.lines)
    const { shard, problems, fragments } = moveLines(result, before, at++)
    yield shard
    for (const problem of problems) onUnreadable({ file, ...problem })
    for (const { source } of torn.take(fragments)) {
      onUnreadable({ ...source, reason: 'not one whole JSON value' })
    }
  }
  for (const fragment of torn.mend()) {
    const { records, problems } = readFragment(fragment)
    if (records.length > 0) yield await readShard(records)
    for (const { reason } of problems) onUnreadable({ ...fragment.source, reason })
  }
}

async function* readAll(
  parts: readonly ExportPart[],
  totalBytes: number,
  onBytes: (bytes: number) => void,
  options: ReadShardsOptions,
): AsyncGenerator<PartResult> {
  const { threads = availableParallelism(), partBytes } = options
  const isLarge = partBytes !== undefined || totalBytes >= MIN_PARALLEL_BYTES
  const bound = pickBound(options)
  if (isLarge && threads > 1 && parts.length > 1) {
    yield* readParts(parts, { threads, bound, onBytes })
    return
  }
  const lines = new OtlpLineReader(takeLeaf)
  for (const part of parts) yield await readPart(part, lines, onBytes, bound)
}

/** A part counts its lines from its own beginning. */
function moveLines(
  { shard, problems, fragments }: PartResult,
  before: number,
  part: number,
): Pick<PartResult, 'shard' | 'problems' | 'fragments'> {
  const move = <Placed extends { readonly line: number }>(placed: Placed): Placed => ({
    ...placed,
    line: placed.line + before,
  })
  const moveFragment = (fragment: PartResult['fragments']['tails'][number]) => ({
    ...fragment,
    source: move(fragment.source),
    part,
  })
  const findings = shard.findings.findings.map((finding) =>
    finding.source === undefined ? finding : { ...finding, source: move(finding.source) },
  )
  return {
    shard: { ...shard, findings: { ...shard.findings, findings } },
    problems: problems.map(move),
    fragments: {
      tails: fragments.tails.map(moveFragment),
      heads: fragments.heads.map(moveFragment),
    },
  }
}
