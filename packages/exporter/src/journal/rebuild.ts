import {
  CHECKPOINT_TYPE,
  type CheckpointRecord,
  type Frontier,
  HASH_BYTES,
  type MerkleTree,
  createMerkleTree,
  decodeCheckpointRecord,
  formatBase64,
  hashLeaf,
} from '@tokentrail/ledger'
import { EVENT_TOKENTRAIL_LOG_CLOSE } from '@tokentrail/semantic-conventions'
import type { RecordDraft } from '@tokentrail/session'
import { routesOf } from '../log/routes.ts'
import type { StoredRecord } from './log-reader.ts'

/** What the records of a log's end say about the whole log. */
export interface RebuiltEnd {
  readonly origin: string
  readonly size: number
  /** Root over `size` leaves, base64. */
  readonly root: string
  readonly lastSignedSize: number
  /** Whether a closing checkpoint over `log.close` ends it. */
  readonly sealed: boolean
  /** Indexes whose record differs from the leaf that a checkpoint of the log holds. */
  readonly differing: readonly number[]
  /** The leaves that no checkpoint of the log covers; absent when there are none. */
  readonly tail?: DeadTail
}

/** Leaves of a dead log that it could not sign any more. */
export interface DeadTail {
  /** Compact range of the leaves before them. */
  readonly base: Frontier
  readonly hashes: readonly Uint8Array[]
  /** Routes of each of them. */
  readonly routes: readonly (readonly string[])[]
}

/**
 * Rebuilds the tree from the last records of a log: from record 0, or from the first checkpoint
 * that carries a frontier. Leaves of records that cannot be read are taken from the checkpoint that
 * covers them; a leaf that nobody has ends the log there.
 *
 * @param records - In the order of their indexes, up to the end of the journal.
 * @returns `undefined` when the records do not reach back far enough.
 */
export function rebuildEnd(records: readonly StoredRecord[]): RebuiltEnd | undefined {
  const checkpoints = records.map(toCheckpoint).filter((found) => found !== undefined)
  const start = findStart(records, checkpoints)
  const origin = originOf(records)
  if (!start || origin === undefined) return undefined
  const leaves = collectLeaves(records, checkpoints)
  const tree = createMerkleTree(start)
  for (let at = leaves.get(tree.size); at; at = leaves.get(tree.size)) tree.append(at.hash)
  const last = checkpoints.findLast((checkpoint) => checkpoint.index <= tree.size)
  const tail = collectTail(records, leaves, start, { from: last?.index ?? 0, size: tree.size })
  return {
    origin,
    size: tree.size,
    root: formatBase64(tree.root()),
    lastSignedSize: last?.index ?? 0,
    sealed: isSealed(records, checkpoints, tree),
    differing: [...leaves].filter(([, leaf]) => leaf.differs).map(([index]) => index),
    ...(tail.hashes.length > 0 && { tail }),
  }
}

function collectTail(
  records: readonly StoredRecord[],
  leaves: ReadonlyMap<number, Leaf>,
  start: Frontier,
  { from, size }: { readonly from: number; readonly size: number },
): DeadTail {
  const before = createMerkleTree(start)
  while (before.size < from) before.append(leaves.get(before.size)!.hash)
  const routes = new Map(
    records
      .filter(({ index }) => index >= from)
      .map(({ index, text }) => [index, readRoutes(text)]),
  )
  const indexes = Array.from({ length: size - from }, (_, i) => from + i)
  return {
    base: before.frontier(),
    hashes: indexes.map((index) => leaves.get(index)!.hash),
    routes: indexes.map((index) => routes.get(index) ?? []),
  }
}

function readRoutes(text: string): readonly string[] {
  return routesOf(JSON.parse(text) as RecordDraft)
}

interface Leaf {
  readonly hash: Uint8Array
  readonly differs: boolean
}

function toCheckpoint(record: StoredRecord): CheckpointRecord | undefined {
  if (!record.text.includes(CHECKPOINT_TYPE)) return undefined
  const parsed = JSON.parse(record.text) as Record<string, unknown>
  if (parsed['type'] !== CHECKPOINT_TYPE) return undefined
  try {
    return decodeCheckpointRecord(parsed)
  } catch {
    return undefined
  }
}

function findStart(
  records: readonly StoredRecord[],
  checkpoints: readonly CheckpointRecord[],
): Frontier | undefined {
  if (records[0]?.index === 0) return { size: 0, hashes: [] }
  const first = checkpoints.find(({ from, frontier }) => frontier ?? from === 0)
  return first && (first.frontier ?? { size: 0, hashes: [] })
}

/** What the log signed counts before what stands in the journal. */
function collectLeaves(
  records: readonly StoredRecord[],
  checkpoints: readonly CheckpointRecord[],
): Map<number, Leaf> {
  const leaves = new Map<number, Leaf>()
  for (const { from, leaves: hashes } of checkpoints) {
    for (let at = 0; at < hashes.length; at += HASH_BYTES) {
      const hash = hashes.subarray(at, at + HASH_BYTES)
      leaves.set(from + at / HASH_BYTES, { hash, differs: false })
    }
  }
  for (const { index, text } of records) {
    const hash = hashLeaf(text)
    const signed = leaves.get(index)
    if (!signed) leaves.set(index, { hash, differs: false })
    else if (Buffer.compare(signed.hash, hash) !== 0)
      leaves.set(index, { ...signed, differs: true })
  }
  return leaves
}

function isSealed(
  records: readonly StoredRecord[],
  checkpoints: readonly CheckpointRecord[],
  tree: MerkleTree,
): boolean {
  const last = records.at(-1)
  const close = records.at(-2)
  if (!last || !close || last.index + 1 !== tree.size) return false
  if (checkpoints.at(-1)?.index !== last.index || checkpoints.at(-1)?.routes) return false
  const parsed = JSON.parse(close.text) as Record<string, unknown>
  return parsed['type'] === EVENT_TOKENTRAIL_LOG_CLOSE
}

function originOf(records: readonly StoredRecord[]): string | undefined {
  const text = records.at(-1)?.text
  if (text === undefined) return undefined
  const { log } = JSON.parse(text) as Record<string, unknown>
  return typeof log === 'string' ? log : undefined
}
