import { isEqualBytes } from '../bytes.ts'
import { HASH_BYTES } from '../hash.ts'
import type { CheckpointEvidence } from './log-evidence.ts'
import type { Fork, ProvenRun } from './proven-run.ts'

/** What {@link proveBackwards} found. */
export interface BackChain {
  /** Ascending, those that were given included. */
  readonly proven: readonly ProvenRun[]
  readonly forks: readonly Fork[]
}

/**
 * Proves what stands before a stretch that is proven: it begins with the leaf of a checkpoint
 * record, and that record, once its text is known to be that leaf, carries the leaves before it, of
 * which the first is the checkpoint before. So a slice of a log is proven from its first record on,
 * though the tree can be built from its first frontier on only.
 *
 * @param proven - Ascending.
 * @param checkpoints - By index.
 */
export function proveBackwards(
  proven: readonly ProvenRun[],
  checkpoints: readonly CheckpointEvidence[],
): BackChain {
  const byIndex = groupByIndex(checkpoints)
  const forks: Fork[] = []
  const all: ProvenRun[] = []
  for (const run of proven) {
    const before = all.at(-1)
    const chain: ProvenRun[] = []
    for (let first = run; first.start > (before?.end ?? 0); first = chain.at(-1)!) {
      const found = findFirst(byIndex.get(first.start) ?? [], first)
      if (found === undefined) break
      if (before !== undefined && !agrees(found, before)) {
        forks.push({ index: found.index, otherIndex: before.end })
      }
      chain.push(cut(found, before?.end ?? 0))
    }
    all.push(...chain.toReversed(), run)
  }
  return { proven: all, forks }
}

function groupByIndex(
  checkpoints: readonly CheckpointEvidence[],
): ReadonlyMap<number, readonly CheckpointEvidence[]> {
  const groups = new Map<number, CheckpointEvidence[]>()
  for (const checkpoint of checkpoints) {
    const group = groups.get(checkpoint.index)
    if (group === undefined) groups.set(checkpoint.index, [checkpoint])
    else group.push(checkpoint)
  }
  return groups
}

/** The checkpoint record whose text is the first leaf of a run. */
function findFirst(
  candidates: readonly CheckpointEvidence[],
  { hashes }: ProvenRun,
): CheckpointEvidence | undefined {
  const leaf = hashes.subarray(0, HASH_BYTES)
  return candidates.find(({ hash }) => isEqualBytes(hash, leaf))
}

function cut({ from, index, leaves }: CheckpointEvidence, end: number): ProvenRun {
  const start = Math.max(from, end)
  return { start, end: index, hashes: leaves.subarray((start - from) * HASH_BYTES) }
}

/** Do the leaves that a checkpoint carries and those that are proven already go together? */
function agrees({ from, leaves }: CheckpointEvidence, { start, end, hashes }: ProvenRun): boolean {
  const first = Math.max(from, start)
  if (first >= end) return true
  const length = (end - first) * HASH_BYTES
  const own = (first - from) * HASH_BYTES
  const known = (first - start) * HASH_BYTES
  return isEqualBytes(leaves.subarray(own, own + length), hashes.subarray(known, known + length))
}
