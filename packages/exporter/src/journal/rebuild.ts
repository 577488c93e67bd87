import {
  CHECKPOINT_TYPE,
  type CheckpointRecord,
  type Frontier,
  HASH_BYTES,
  type MerkleTree,
  LOST_LEAF,
  type LostRun,
  createMerkleTree,
  decodeCheckpointRecord,
  findLostLeaves,
  formatBase64,
  hashLeaf,
} from '@tokentrail/ledger'
import { EVENT_TOKENTRAIL_LOG_CLOSE } from '@tokentrail/semantic-conventions'
import type { RecordDraft } from '@tokentrail/session'
import { EVERY_ROUTE, routesOf } from '../log/routes.ts'
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
  /** Indexes whose record and leaf nobody has, before others that can be read. */
  readonly lost: readonly LostRun[]
  /** The leaves that no checkpoint of the log covers; absent when there are none. */
  readonly tail?: DeadTail
}

/** Leaves of a dead log that it could not sign any more. */
export interface DeadTail {
  /** Compact range of the leaves before them. */
  readonly base: Frontier
  /** `LOST_LEAF` in place of one that is lost. */
  readonly hashes: readonly Uint8Array[]
  /** Routes of each of them. */
  readonly routes: readonly (readonly string[])[]
}

/** Most leaves of one log that may be lost. They take 43 bytes each in the records that say so. */
const MAX_LOST = 8_192

/**
 * Rebuilds the tree from the last records of a log: from record 0, or from the first checkpoint
 * that carries a frontier. Leaves of records that cannot be read are taken from the checkpoint that
 * covers them. One that no checkpoint has is lost, and `LOST_LEAF` stands in its place, so that
 * what is behind it counts. The log ends before a leaf that nobody has where later checkpoints are
 * over it and none of them carries a frontier, and where too many are lost.
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
  const grow = (size: number): MerkleTree => growTree(start, checkpoints, leaves, size)
  const signedSize = checkpoints.at(-1)?.index ?? 0
  const { size: reached } = grow(signedSize)
  const last = checkpoints.findLast(({ index }) => index <= reached)?.index ?? 0
  // What the log has signed is not lost, though nobody may know its leaf.
  const end = reached < signedSize ? reached : records.at(-1)!.index + 1
  const tail = collectTail(records, leaves, grow(last).frontier(), end)
  const tree = createMerkleTree(tail.base)
  for (const hash of tail.hashes) tree.append(hash)
  return {
    origin,
    size: tree.size,
    root: formatBase64(tree.root()),
    lastSignedSize: last,
    sealed: isSealed(records, checkpoints, tree),
    differing: [...leaves].filter(([, leaf]) => leaf.differs).map(([index]) => index),
    lost: findLostLeaves(Buffer.concat(tail.hashes), last),
    ...(tail.hashes.length > 0 && { tail }),
  }
}

/**
 * Grows the tree by known leaves. Over one that is not known a checkpoint leads that carries a
 * frontier; without one the tree ends there.
 */
function growTree(
  start: Frontier,
  checkpoints: readonly CheckpointRecord[],
  leaves: ReadonlyMap<number, Leaf>,
  size: number,
): MerkleTree {
  let tree = createMerkleTree(start)
  while (tree.size < size) {
    const leaf = leaves.get(tree.size)
    const beyond = leaf ? undefined : findBeyond(checkpoints, tree.size)
    if (leaf) tree.append(leaf.hash)
    else if (beyond) tree = createMerkleTree(beyond)
    else break
  }
  return tree
}

function findBeyond(checkpoints: readonly CheckpointRecord[], size: number): Frontier | undefined {
  return checkpoints.find(({ frontier }) => frontier !== undefined && frontier.size > size)
    ?.frontier
}

function collectTail(
  records: readonly StoredRecord[],
  leaves: ReadonlyMap<number, Leaf>,
  base: Frontier,
  end: number,
): DeadTail {
  const texts = new Map(records.map(({ index, text }) => [index, text]))
  const hashes: Uint8Array[] = []
  const routes: (readonly string[])[] = []
  let lost = 0
  for (let index = base.size; index < end && lost <= MAX_LOST; index++) {
    const leaf = leaves.get(index)
    const text = texts.get(index)
    if (!leaf) lost++
    hashes.push(leaf?.hash ?? LOST_LEAF)
    // Nobody knows to which routes a lost one belonged: all of them are told.
    routes.push(!leaf ? EVERY_ROUTE : text === undefined ? [] : readRoutes(text))
  }
  while (hashes.at(-1) === LOST_LEAF) {
    hashes.pop()
    routes.pop()
  }
  return { base, hashes, routes }
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
