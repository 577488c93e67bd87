import { isEqualBytes } from './bytes.ts'
import { LedgerError } from './errors.ts'
import { HASH_BYTES, emptyRoot, hashNode } from './hash.ts'

/** Hashes that lead from something to a root, lowest level first. */
export type Proof = readonly Uint8Array[]

/** A leaf that is claimed to be in a tree. Sizes and indexes are unsigned 64-bit. */
export interface InclusionClaim {
  readonly index: bigint
  readonly size: bigint
  readonly leafHash: Uint8Array
  readonly root: Uint8Array
  readonly proof: Proof
}

/** A tree that is claimed to be the beginning of another one. */
export interface ConsistencyClaim {
  readonly size1: bigint
  readonly size2: bigint
  readonly root1: Uint8Array
  readonly root2: Uint8Array
  readonly proof: Proof
}

/** A leaf that is claimed to be in the subtree `[start, end)`. */
export interface SubtreeInclusionClaim {
  readonly index: bigint
  readonly start: bigint
  readonly end: bigint
  readonly leafHash: Uint8Array
  /** Root of the subtree. */
  readonly root: Uint8Array
  readonly proof: Proof
}

/** A subtree `[start, end)` that is claimed to be part of a tree. */
export interface SubtreeConsistencyClaim {
  readonly start: bigint
  readonly end: bigint
  readonly size: bigint
  readonly subtreeRoot: Uint8Array
  readonly root: Uint8Array
  readonly proof: Proof
}

/**
 * Verifies that a leaf is in a tree (RFC 9162 §2.1.3.2). Every hash of the proof must be used, and
 * none may be missing.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_PROOF_INVALID`
 */
export function verifyInclusion(claim: InclusionClaim): void {
  const { index, size, leafHash, root, proof } = claim
  checkRange(0n, index, size)
  if (index >= size) throw invalid('its index is not below the size')
  checkHashes([leafHash, ...proof])
  const { sr } = climb({ fn: index, sn: index, tn: size - 1n, fr: leafHash, sr: leafHash }, proof)
  if (!isEqualBytes(sr, root)) throw invalid('it leads to another root')
}

/**
 * Verifies that a tree is the beginning of another one (RFC 9162 §2.1.4.2), `0 < size1 <= size2`.
 * From the tree without leaves there is nothing to prove: whoever accepts an old size of zero, as
 * C2SP tlog-witness does, must see to it that the proof is empty and not call this.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_PROOF_INVALID`
 */
export function verifyConsistency(claim: ConsistencyClaim): void {
  const { size1: end, size2: size, root1: subtreeRoot, root2: root, proof } = claim
  if (end === 0n) throw invalid('nothing follows from a tree without leaves')
  verifySubtreeConsistency({ start: 0n, end, size, subtreeRoot, root, proof })
}

/**
 * Verifies that a leaf is in the subtree `[start, end)`, where `start` is a multiple of the
 * smallest power of two that is not below `end - start` (draft-ietf-plants-merkle-tree-certs).
 *
 * @throws {@link LedgerError} `ERR_LEDGER_PROOF_INVALID`
 */
export function verifySubtreeInclusion(claim: SubtreeInclusionClaim): void {
  const { index, start, end, leafHash, root, proof } = claim
  checkSubtree(start, end)
  if (index < start || index >= end) throw invalid('its index is outside the subtree')
  verifyInclusion({ index: index - start, size: end - start, leafHash, root, proof })
}

/**
 * Verifies that a subtree `[start, end)` is part of a tree (draft-ietf-plants-merkle-tree-certs).
 * An empty subtree is part of every tree: its proof is empty and its root is `SHA-256("")`.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_PROOF_INVALID`
 */
export function verifySubtreeConsistency(claim: SubtreeConsistencyClaim): void {
  const { start, end, size, subtreeRoot, root, proof } = claim
  checkRange(start, end, size)
  checkSubtree(start, end)
  checkHashes(proof)
  if (start === end) {
    if (proof.length > 0) throw invalid('it must be empty for no leaves')
    if (!isEqualBytes(subtreeRoot, emptyRoot())) throw invalid('no leaves must have the empty root')
    return
  }
  const seat = findSeat(start, end, size)
  const given = seat.fn === seat.sn
  const seed = given ? subtreeRoot : proof[0]
  if (seed === undefined) throw invalid('it is too short')
  const { fr, sr } = climb({ ...seat, fr: seed, sr: seed }, given ? proof : proof.slice(1))
  if (!isEqualBytes(fr, subtreeRoot)) throw invalid('it leads to another root of the smaller tree')
  if (!isEqualBytes(sr, root)) throw invalid('it leads to another root')
}

/**
 * Where a climb stands: indexes, at one level, of the first and last node of the smaller range and
 * of the last node of the tree, and the roots of both as far as they are known.
 */
interface Climb {
  readonly fn: bigint
  readonly sn: bigint
  readonly tn: bigint
  readonly fr: Uint8Array
  readonly sr: Uint8Array
}

/** Finds the node that a consistency proof starts from: the last perfect subtree of `[start, end)`. */
function findSeat(start: bigint, end: bigint, size: bigint): Pick<Climb, 'fn' | 'sn' | 'tn'> {
  let [fn, sn, tn] = [start, end - 1n, size - 1n]
  const isInside = (node: bigint): boolean => end === size || (node & 1n) === 1n
  while (fn !== sn && isInside(sn)) {
    fn >>= 1n
    sn >>= 1n
    tn >>= 1n
  }
  return { fn, sn, tn }
}

function climb(from: Climb, proof: Proof): Pick<Climb, 'fr' | 'sr'> {
  let { fn, sn, tn, fr, sr } = from
  for (const hash of proof) {
    if (tn === 0n) throw invalid('it is too long')
    if ((sn & 1n) === 1n || sn === tn) {
      if (fn < sn) fr = hashNode(hash, fr)
      sr = hashNode(hash, sr)
      while ((sn & 1n) === 0n) {
        fn >>= 1n
        sn >>= 1n
        tn >>= 1n
      }
    } else {
      sr = hashNode(sr, hash)
    }
    fn >>= 1n
    sn >>= 1n
    tn >>= 1n
  }
  if (tn !== 0n) throw invalid('it is too short')
  return { fr, sr }
}

function checkRange(start: bigint, end: bigint, size: bigint): void {
  if (start < 0n || start > end || end > size || size >= 1n << 64n) {
    throw invalid('its range does not fit the size')
  }
}

function checkSubtree(start: bigint, end: bigint): void {
  if (start < 0n || start > end) throw invalid('its subtree ends before it starts')
  let width = 1n
  while (width < end - start) width <<= 1n
  if (start !== end && start % width !== 0n) throw invalid('its range is no subtree')
}

function checkHashes(hashes: readonly Uint8Array[]): void {
  if (hashes.some((hash) => hash.length !== HASH_BYTES)) throw invalid('a hash is not 32 bytes')
}

function invalid(what: string): LedgerError {
  return new LedgerError('ERR_LEDGER_PROOF_INVALID', `proof does not hold: ${what}`)
}
