import {
  andBitmap,
  andNotBitmap,
  CHUNK_RECORDS,
  countBits,
  createBitmap,
  eachOffsetDescending,
  type Bitmap,
} from '../store/bitmap.ts'
import type { ChunkSpan } from '../store/chunks.ts'
import type { StoreTables } from '../store/tables.ts'
import { Newest } from './newest.ts'
import { mayHold, orSource, type SearchPlan } from './plan.ts'
import type { RecordCursor } from './query.ts'

/** Bounds of a run over a plan. */
export interface RunOptions {
  readonly from?: bigint | undefined
  readonly to?: bigint | undefined
  readonly before?: RecordCursor | undefined
  readonly limit: number
  /** Counting stops above it. */
  readonly countCap: number
}

/** What a run found. */
export interface RunResult {
  /** Newest first, at most one more than the limit. */
  readonly found: readonly RecordCursor[]
  /** Matches without regard to the cursor, at most the cap. */
  readonly count: number
  readonly capped: boolean
}

/**
 * Combines the plan chunk by chunk, the chunk with the newest records first. A chunk that lies
 * outside the time range, or in which a filter has no record, costs nothing. It stops when the page
 * is complete (no chunk left has a newer record than the page's oldest) and the count is known.
 */
export function runSearch(plan: SearchPlan, tables: StoreTables, options: RunOptions): RunResult {
  const newest = new Newest(options.limit + 1, options.before)
  let count = 0
  for (const span of [...tables.chunks.spans()].sort(byNewestFirst)) {
    const isPageComplete = newest.isComplete(span.maxTime)
    if (isPageComplete && count > options.countCap) break
    if (!isInRange(span, options)) continue
    if (!plan.include.every((source) => mayHold(source, span.chunk))) continue
    const matches = combine(plan, tables, span.chunk)
    const times = needsTimes(span, options, isPageComplete)
      ? tables.chunks.timesOf(span.chunk)
      : undefined
    if (times !== undefined) clearOutside(matches, times, options)
    count += countBits(matches)
    if (times !== undefined && !isPageComplete) collect(newest, matches, times, span.chunk)
  }
  const capped = count > options.countCap
  return { found: newest.list(), count: capped ? options.countCap : count, capped }
}

function byNewestFirst(a: ChunkSpan, b: ChunkSpan): number {
  if (a.maxTime === b.maxTime) return b.chunk - a.chunk
  return a.maxTime < b.maxTime ? 1 : -1
}

function combine(plan: SearchPlan, tables: StoreTables, chunk: number): Bitmap {
  const matches = tables.chunks.allOf(chunk)
  for (const source of plan.include) {
    const bitmap = createBitmap()
    orSource(bitmap, chunk, source, tables)
    andBitmap(matches, bitmap)
  }
  for (const source of plan.exclude) {
    const bitmap = createBitmap()
    orSource(bitmap, chunk, source, tables)
    andNotBitmap(matches, bitmap)
  }
  return matches
}

function isInRange({ minTime, maxTime }: ChunkSpan, { from, to }: RunOptions): boolean {
  return (from === undefined || maxTime >= from) && (to === undefined || minTime < to)
}

function needsTimes(span: ChunkSpan, { from, to }: RunOptions, isPageComplete: boolean): boolean {
  const isCut =
    (from !== undefined && span.minTime < from) || (to !== undefined && span.maxTime >= to)
  return isCut || !isPageComplete
}

function clearOutside(matches: Bitmap, times: BigInt64Array, { from, to }: RunOptions): void {
  if (from === undefined && to === undefined) return
  eachOffsetDescending(matches, (offset) => {
    const time = times[offset]!
    const isInside = (from === undefined || time >= from) && (to === undefined || time < to)
    if (!isInside) matches[offset >>> 5]! &= ~(1 << (offset & 31))
    return true
  })
}

function collect(newest: Newest, matches: Bitmap, times: BigInt64Array, chunk: number): void {
  const firstId = chunk * CHUNK_RECORDS + 1
  eachOffsetDescending(matches, (offset) => {
    newest.add(times[offset]!, firstId + offset)
    return true
  })
}
