import { isEqualBytes } from '../bytes.ts'
import { HASH_BYTES } from '../hash.ts'
import { createMerkleTree } from '../tree.ts'
import type { FindingList } from './finding-list.ts'
import { isHeadPast, type LogAnalysis } from './log-analysis.ts'
import type { Anchor } from './report.ts'
import { RunCollector } from './run-collector.ts'
import { commitTail, readTail } from './succession.ts'

/** What is verified. */
export interface PinOptions {
  /** The export is of one route: a tail with gaps says nothing. */
  readonly isPartial: boolean
  /** Nanoseconds since 1970 UTC: what lies above a signed head past this is not judged. */
  readonly until?: bigint
}

/** A head of a log that its own key has signed and that somebody else has kept. */
export interface PinnedHead {
  readonly size: number
  /** 32 bytes. */
  readonly root: Uint8Array
  /** POSIX seconds at which the log, or who has kept it, has signed it. */
  readonly seconds: number
  readonly kind: Exclude<Anchor['kind'], 'successor'>
  /** Who has kept it. */
  readonly by: string
}

/**
 * Compares a log with heads of it that were kept outside: a root that differs is of another
 * history; a size above what the log itself has signed for proves, or misses, the tail.
 *
 * @returns The anchors that hold, for each who keeps heads the largest.
 */
export function pinHeads(
  log: LogAnalysis,
  heads: readonly PinnedHead[],
  findings: FindingList,
  { isPartial, until }: PinOptions,
): readonly Anchor[] {
  const origin = log.evidence.origin
  // An export that was taken before the head was need not reach up to it.
  const isShort = isPartial || isHeadPast(log, until)
  for (const head of heads) {
    if (head.size > log.provenSize) proveTail(log, head, findings, isShort)
  }
  const roots = computeRoots(
    log,
    heads.map(({ size }) => size),
  )
  const anchors = new Map<string, Anchor>()
  for (const { size, root, seconds, kind, by } of heads) {
    const own = roots.get(size)
    if (own === undefined) continue
    if (!isEqualBytes(own, root)) {
      if (reportLost(log, { size, root, seconds, kind, by }, findings)) continue
      const message = `the tree at hand is not the one that was signed at ${size} and that ${describe(kind, by)}`
      findings.add({ verdict: 'FORK', log: origin, index: size, message })
      continue
    }
    const key = `${kind} ${by}`
    if ((anchors.get(key)?.size ?? -1) < size) {
      anchors.set(key, { kind, log: origin, by, size, seconds })
    }
    log.pinnedAt = Math.max(log.pinnedAt ?? 0, seconds)
  }
  return [...anchors.values()]
}

function describe(kind: PinnedHead['kind'], by: string): string {
  switch (kind) {
    case 'registry':
      return `the registry ${by} holds`
    case 'witness':
      return `the witness ${by} has cosigned`
    case 'timestamp':
      return `the authority ${by} has time-stamped`
    case 'copy':
      return 'a copy outside holds'
  }
}

/** Roots over the first so many leaves, in one walk; those that cannot be built are left out. */
function computeRoots(
  { rebuilt }: LogAnalysis,
  wanted: readonly number[],
): ReadonlyMap<number, Uint8Array> {
  const sizes = [...new Set(wanted)].sort((a, b) => a - b)
  const roots = new Map<number, Uint8Array>()
  const tree = createMerkleTree()
  let next = 0
  const take = (): void => {
    for (; sizes[next] === tree.size; next++) roots.set(tree.size, tree.root())
  }
  take()
  for (const { start, hashes } of rebuilt.proven) {
    if (start !== tree.size) break
    for (let at = 0; at < hashes.length && next < sizes.length; at += HASH_BYTES) {
      tree.append(hashes, at)
      take()
    }
  }
  return roots
}

/** Lets a head above the log's own newest one prove the records below it. */
function proveTail(
  log: LogAnalysis,
  head: PinnedHead,
  findings: FindingList,
  mayBeShort: boolean,
): void {
  const { provenSize, evidence } = log
  if (reportLost(log, head, findings)) return
  const tail = readTail(log, head.size)
  if (tail === undefined) {
    if (!mayBeShort) reportMissing(log, head, findings)
    return
  }
  if (!isEqualBytes(tail.tree.root(), head.root)) {
    const message = `one of these records was altered: they do not hash to the root that ${describe(head.kind, head.by)}`
    findings.add({
      verdict: 'ALTERED',
      log: evidence.origin,
      index: provenSize,
      lastIndex: head.size - 1,
      message,
    })
    return
  }
  commitTail(log, tail.rows, findings)
  const hashes = new Uint8Array((head.size - provenSize) * HASH_BYTES)
  for (const [at, row] of tail.rows.entries()) {
    hashes.set(evidence.leaves.hashAt(row), at * HASH_BYTES)
  }
  log.provenSize = head.size
  log.rebuilt = {
    ...log.rebuilt,
    proven: [...log.rebuilt.proven, { start: provenSize, end: head.size, hashes }],
    frontier: tail.tree.frontier(),
  }
}

/**
 * Above what the log itself has signed as far as is at hand, a successor may have named leaves as
 * lost that this head shows to have been signed: no root can be built over them, and they are
 * missing.
 */
function reportLost(log: LogAnalysis, head: PinnedHead, findings: FindingList): boolean {
  const { lost, evidence } = log
  const signed = lost.filter(({ first, isOverruled }) => !isOverruled && first < head.size)
  const message = `the log had signed it, as ${describe(head.kind, head.by)}, and its successor says that it was lost`
  const missing = new RunCollector(findings, evidence.origin, 'MISSING', message)
  for (const { first, last } of signed) missing.add(first, Math.min(last, head.size - 1))
  missing.flush()
  return signed.length > 0
}

function reportMissing(log: LogAnalysis, head: PinnedHead, findings: FindingList): void {
  const { evidence, rows, provenSize } = log
  const message = `the log was signed up to ${head.size}, as ${describe(head.kind, head.by)}, and the export ends before`
  const missing = new RunCollector(findings, evidence.origin, 'MISSING', message)
  let expected = provenSize
  for (const row of rows) {
    const index = evidence.leaves.indexAt(row)
    if (index < expected) continue
    if (index >= head.size) break
    if (index > expected) missing.add(expected, index - 1)
    expected = index + 1
  }
  if (expected < head.size) missing.add(expected, head.size - 1)
  missing.flush()
}
