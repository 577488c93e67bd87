import { isEqualBytes } from '../bytes.ts'
import { HASH_BYTES } from '../hash.ts'
import { createMerkleTree, type Frontier, type MerkleTree } from '../tree.ts'
import { proveBackwards } from './back-chain.ts'
import { LeafClaims, type ClaimOrder } from './leaf-claims.ts'
import type { NoteJudgement } from './log-key.ts'
import type { CheckpointEvidence, LogEvidence } from './log-evidence.ts'
import type { Fork, ProvenRun } from './proven-run.ts'

/** A signed root, and perhaps others after it, that nothing at hand gives. */
export interface UnprovenRoot {
  readonly checkpoint: CheckpointEvidence
  /** First leaf that nobody has a hash of; absent when all are there and give another root. */
  readonly gap?: number
}

/** The tree of a log as far as its signed checkpoints bear it out. */
export interface RebuiltLog {
  /** Ascending; what lies between them is signed for but cannot be proven leaf by leaf. */
  readonly proven: readonly ProvenRun[]
  /** Checkpoint of the newest signed root, proven or not. */
  readonly head?: CheckpointEvidence
  /** Size of the newest signed root, proven or not; 0 without one. */
  readonly signedSize: number
  /** Compact range of the leaves up to `signedSize`, when they are proven to the end. */
  readonly frontier?: Frontier
  readonly forks: readonly Fork[]
  /** First root of each stretch that could not be proven. */
  readonly unproven: readonly UnprovenRoot[]
}

/**
 * Rebuilds the tree of a log. An export in order is walked once and costs one signature; only where
 * a root differs or a checkpoint is missing is every note checked and every other way tried.
 *
 * @param rows - Sorted rows of the log's records.
 * @param checkpoints - The log's checkpoint records, by index.
 */
export function rebuildLog(
  evidence: LogEvidence,
  rows: Uint32Array,
  checkpoints: readonly CheckpointEvidence[],
  judge: (checkpoint: CheckpointEvidence) => NoteJudgement,
): RebuiltLog {
  return (
    rebuildChain(checkpoints, judge) ??
    new Reconstruction(evidence, rows, checkpoints, judge).finish()
  )
}

/** The way of an undamaged log: each checkpoint goes on where the one before it ended. */
function rebuildChain(
  checkpoints: readonly CheckpointEvidence[],
  judge: (checkpoint: CheckpointEvidence) => NoteJudgement,
): RebuiltLog | undefined {
  const tree = createMerkleTree()
  for (const checkpoint of checkpoints) {
    if (checkpoint.from !== tree.size || !isFrontierOf(checkpoint, tree)) return undefined
    appendAll(tree, checkpoint.leaves)
    if (!isEqualBytes(tree.root(), checkpoint.checkpoint.root)) return undefined
  }
  const head = checkpoints.at(-1)
  if (head === undefined || judge(head) !== 'signed') return undefined
  const proven = checkpoints.map(({ from, index, leaves }) => ({
    start: from,
    end: index,
    hashes: leaves,
  }))
  const frontier = tree.frontier()
  return { proven, head, signedSize: head.index, frontier, forks: [], unproven: [] }
}

/** Two trees that grow by what is believed first, and the leaves that they took since a proof. */
interface Attempt {
  readonly order: ClaimOrder
  readonly claims: LeafClaims
  tree: MerkleTree
  taken: Uint8Array[]
  /** First leaf that nobody has a hash of: this attempt has ended there. */
  gap?: number
}

/** The way of a damaged log. One use: {@link Reconstruction.finish}. */
class Reconstruction {
  readonly #evidence: LogEvidence
  readonly #rows: Uint32Array
  readonly #checkpoints: readonly CheckpointEvidence[]
  readonly #signed: readonly CheckpointEvidence[]
  readonly #proven: ProvenRun[] = []
  readonly #forks: Fork[] = []
  readonly #unproven: UnprovenRoot[] = []
  /** Signed checkpoints passed since the last proof. */
  #pending: CheckpointEvidence[] = []
  /** Compact ranges at every place where a checkpoint begins, as proven. */
  readonly #ranges = new Map<number, Frontier>([[0, { size: 0, hashes: [] }]])
  /** The proven end. */
  #end: Frontier = { size: 0, hashes: [] }
  #attempts: readonly Attempt[]

  constructor(
    evidence: LogEvidence,
    rows: Uint32Array,
    checkpoints: readonly CheckpointEvidence[],
    judge: (checkpoint: CheckpointEvidence) => NoteJudgement,
  ) {
    this.#evidence = evidence
    this.#rows = rows
    this.#checkpoints = checkpoints
    this.#signed = checkpoints.filter((checkpoint) => judge(checkpoint) === 'signed')
    this.#attempts = this.#startAttempts(['checkpoint-first', 'record-first'])
  }

  finish(): RebuiltLog {
    let previous: CheckpointEvidence | undefined
    for (const checkpoint of this.#signed) {
      const isTwin = previous?.index === checkpoint.index
      if (!isTwin) this.#take(checkpoint)
      else if (!isEqualBytes(previous!.checkpoint.root, checkpoint.checkpoint.root)) {
        this.#forks.push({ index: checkpoint.index, otherIndex: checkpoint.index })
      } else if (this.#pending.includes(previous!)) this.#proveBySelf(checkpoint)
      previous = checkpoint
    }
    this.#giveUpPending()
    const head = this.#signed.at(-1)
    const signedSize = head?.index ?? 0
    const chain = proveBackwards(this.#proven, this.#checkpoints)
    return {
      proven: chain.proven,
      ...(head !== undefined && { head }),
      signedSize,
      ...(this.#end.size === signedSize && { frontier: this.#end }),
      forks: [...this.#forks, ...chain.forks],
      unproven: this.#unproven,
    }
  }

  #take(checkpoint: CheckpointEvidence): void {
    if (!this.#proveByClaims(checkpoint) && !this.#proveBySelf(checkpoint)) {
      this.#pending.push(checkpoint)
    }
  }

  /** Grows the attempts up to the checkpoint; one of them may give its root. */
  #proveByClaims(checkpoint: CheckpointEvidence): boolean {
    for (const attempt of this.#attempts) {
      this.#grow(attempt, checkpoint.index)
    }
    const { root } = checkpoint.checkpoint
    const winner = this.#attempts.find(
      (attempt) => attempt.gap === undefined && isEqualBytes(attempt.tree.root(), root),
    )
    if (winner === undefined) return false
    // A signed root in between that the same leaves do not give was signed for another history.
    for (const { index } of this.#pending) {
      this.#forks.push({ index, otherIndex: checkpoint.index })
    }
    this.#pending = []
    this.#commit(this.#end.size, checkpoint.index, concatAll(winner.taken), winner.tree)
    return true
  }

  /** Tries what the checkpoint record carries on what is known to come before it. */
  #proveBySelf(checkpoint: CheckpointEvidence): boolean {
    const { from, frontier, leaves, index } = checkpoint
    const known = this.#ranges.get(from)
    for (const base of [known, frontier]) {
      if (base === undefined) continue
      const tree = createMerkleTree(base)
      const passed = this.#end.size > from ? this.#end.size : undefined
      const rootAtEnd = growThrough(tree, leaves, passed)
      if (!isEqualBytes(tree.root(), checkpoint.checkpoint.root)) continue
      this.#compareHistories(checkpoint, base, rootAtEnd)
      if (index > this.#end.size) this.#restart(checkpoint, tree)
      return true
    }
    return false
  }

  /** The checkpoint is proven on `base`: do its root and the proven history go together? */
  #compareHistories(checkpoint: CheckpointEvidence, base: Frontier, rootAtEnd?: Uint8Array): void {
    const { from, index } = checkpoint
    const known = this.#ranges.get(from)
    const isOther = known !== undefined && from > 0 && !isSameFrontier(known, base)
    const end = rootAtEnd && createMerkleTree(this.#end).root()
    if (isOther || (rootAtEnd && end && !isEqualBytes(rootAtEnd, end))) {
      this.#forks.push({ index, otherIndex: this.#end.size })
    }
  }

  /** Goes on from a checkpoint that is proven without the leaves before it. */
  #restart(checkpoint: CheckpointEvidence, tree: MerkleTree): void {
    const { from, index, leaves } = checkpoint
    this.#pending = this.#pending.filter((pending) => pending.index !== index)
    this.#giveUpPending()
    const start = Math.max(from, this.#end.size)
    this.#commit(start, index, leaves.subarray((start - from) * HASH_BYTES), tree)
  }

  #giveUpPending(): void {
    const [checkpoint] = this.#pending
    if (checkpoint === undefined) return
    const gaps = this.#attempts.map(({ gap = Infinity }) => gap)
    const gap = Math.max(...gaps)
    this.#unproven.push({ checkpoint, ...(gap < checkpoint.index && { gap }) })
    this.#pending = []
  }

  #commit(start: number, end: number, hashes: Uint8Array, tree: MerkleTree): void {
    this.#proven.push({ start, end, hashes })
    this.#end = tree.frontier()
    this.#ranges.set(end, this.#end)
    for (const attempt of this.#attempts) {
      attempt.tree = createMerkleTree(this.#end)
      attempt.taken = []
      delete attempt.gap
    }
  }

  #grow(attempt: Attempt, size: number): void {
    if (attempt.gap !== undefined) return
    while (attempt.tree.size < size) {
      const index = attempt.tree.size
      const place = attempt.claims.believe(index, attempt.order)
      if (place === undefined) {
        attempt.gap = index
        return
      }
      attempt.tree.append(place.bytes, place.offset)
      attempt.taken.push(place.bytes.subarray(place.offset, place.offset + HASH_BYTES))
    }
  }

  #startAttempts(orders: readonly ClaimOrder[]): Attempt[] {
    return orders.map((order) => ({
      order,
      claims: new LeafClaims(this.#evidence.leaves, this.#rows, this.#checkpoints),
      tree: createMerkleTree(),
      taken: [],
    }))
  }
}

function isFrontierOf({ frontier }: CheckpointEvidence, tree: MerkleTree): boolean {
  return frontier === undefined || isSameFrontier(frontier, tree.frontier())
}

function isSameFrontier(a: Frontier, b: Frontier): boolean {
  return a.size === b.size && a.hashes.every((hash, i) => isEqualBytes(hash, b.hashes[i]!))
}

function appendAll(tree: MerkleTree, hashes: Uint8Array): void {
  for (let at = 0; at < hashes.length; at += HASH_BYTES) tree.append(hashes, at)
}

/** Appends hashes and returns the root that the tree had at the size `passed`, if it had it. */
function growThrough(
  tree: MerkleTree,
  hashes: Uint8Array,
  passed: number | undefined,
): Uint8Array | undefined {
  let root: Uint8Array | undefined
  for (let at = 0; at < hashes.length; at += HASH_BYTES) {
    tree.append(hashes, at)
    if (tree.size === passed) root = tree.root()
  }
  return root
}

function concatAll(hashes: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(hashes.length * HASH_BYTES)
  hashes.forEach((hash, i) => joined.set(hash, i * HASH_BYTES))
  return joined
}
