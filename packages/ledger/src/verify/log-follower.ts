import type { JWK } from 'jose'
import { isEqualBytes } from '../bytes.ts'
import { verifyCertificate, type Certificate } from '../certificate.ts'
import {
  CHECKPOINT_TYPE,
  decodeCheckpointRecord,
  type CheckpointRecord,
} from '../checkpoint-record.ts'
import { LedgerError } from '../errors.ts'
import { HASH_BYTES, hashLeaf } from '../hash.ts'
import { LOST_LEAF } from '../lost-leaves.ts'
import { createMerkleTree, type Frontier, type MerkleTree } from '../tree.ts'
import { FindingList } from './finding-list.ts'
import { isClosingText } from './log-evidence.ts'
import { createLogKey, readTimestamp, type LogKey } from './log-key.ts'
import { readRecordText, recordSeconds, toHead, type RecordMembers } from './record-text.ts'
import type { Finding } from './report.ts'
import { certificateKindFor } from './statements.ts'
import type { FindingVerdict } from './verdict.ts'

/** What is known of a log that is being followed. */
export interface LogFollowerState {
  /** Origin, once a record came. */
  readonly log?: string
  /** Number of leaves seen: one more than the highest index. */
  readonly size: number
  /** Size of the newest signed root that was borne out; 0 before the first. */
  readonly signedSize: number
  /** POSIX seconds of that root's cosignature. */
  readonly signedAt?: number
  /** The closing checkpoint over `log.close` has come. */
  readonly sealed: boolean
  readonly selfIssued: boolean
  /** By gravity, then index. No record is missed that may still come. */
  readonly findings: readonly Finding[]
}

/** Verifies one log while it grows. One owner; await each `add` before the next. */
export interface LogFollower {
  /**
   * Takes the canonical text of the next record. Copies of earlier ones are harmless. It never
   * rejects for what a text says: everything wrong is a finding.
   */
  add(text: string): Promise<void>
  /**
   * Passes over records that a successor of the log says are lost, up to this index: `LOST_LEAF`
   * stands in their place. That the successor's record is signed is for the caller to know.
   */
  lose(lastIndex: number): void
  state(): LogFollowerState
}

/** How a log is followed. */
export interface LogFollowerOptions {
  /** Public Ed25519 root keys that the log's certificate must chain to. */
  readonly roots: readonly JWK[]
}

/**
 * Creates a follower for live views: the certificate is checked as `log.open` comes, every
 * checkpoint's root and signature as it comes. It keeps the leaf hashes since the last checkpoint
 * only. For a verdict on an export use {@link verifyLogs}, which can tell more.
 */
export function createLogFollower(options: LogFollowerOptions): LogFollower {
  return new Follower(options.roots)
}

class Follower implements LogFollower {
  readonly #roots: readonly JWK[]
  readonly #findings = new FindingList()
  /** Leaf hashes from `#pendingFrom` on. */
  #pending: Uint8Array[] = []
  #pendingFrom = 0
  /** Absent after a gap, until a checkpoint's compact range restarts it. */
  #tree: MerkleTree | undefined = createMerkleTree()
  /** Compact range at the last checkpoint that was borne out. */
  #base: Frontier = { size: 0, hashes: [] }
  #log: string | undefined
  #key: LogKey | undefined
  #size = 0
  #signedSize = 0
  #signedAt: number | undefined
  #closedAt: number | undefined
  #sealed = false

  constructor(roots: readonly JWK[]) {
    this.#roots = roots
  }

  async add(text: string): Promise<void> {
    const reading = readRecordText(text)
    if (reading.status === 'identity') return
    if (reading.status === 'broken') {
      this.#find('ALTERED', reading.index, reading.problem)
      return
    }
    const { record } = reading
    this.#log ??= record.log
    if (record.log !== this.#log) this.#find('ALTERED', record.index, 'it is of another log')
    else if (record.index < this.#size) this.#compareAgain(record.index, hashLeaf(text))
    else await this.#append(record, text)
  }

  lose(lastIndex: number): void {
    for (; this.#size <= lastIndex; this.#size++) {
      this.#tree?.append(LOST_LEAF)
      this.#pending.push(LOST_LEAF)
    }
  }

  state(): LogFollowerState {
    return {
      ...(this.#log !== undefined && { log: this.#log }),
      size: this.#size,
      signedSize: this.#signedSize,
      ...(this.#signedAt !== undefined && { signedAt: this.#signedAt }),
      sealed: this.#sealed,
      selfIssued: this.#key?.certificate.selfIssued ?? false,
      findings: this.#findings.sorted(),
    }
  }

  async #append(record: RecordMembers, text: string): Promise<void> {
    const { index, type } = record
    if (index > this.#size) this.#skipTo(index)
    if (this.#sealed) this.#find('INSERTED', index, 'it stands after the end of the log')
    if (index === 0) await this.#readCertificate(record)
    if (type === 'tokentrail.log.close') this.#closedAt = index
    if (type === CHECKPOINT_TYPE) this.#takeCheckpoint(record, text)
    this.#checkStatement(index, type)
    this.#checkTime(index, recordSeconds(toHead(record)))
    const hash = hashLeaf(text)
    this.#tree?.append(hash)
    this.#pending.push(hash)
    this.#size = index + 1
  }

  #skipTo(index: number): void {
    this.#findings.add({
      verdict: 'MISSING',
      ...(this.#log !== undefined && { log: this.#log }),
      index: this.#size,
      ...(index > this.#size + 1 && { lastIndex: index - 1 }),
      message: 'no record came for this index',
    })
    this.#tree = undefined
    this.#pending = []
    this.#pendingFrom = index
    this.#size = index
  }

  async #readCertificate(record: RecordMembers): Promise<void> {
    const { certificate } = record
    try {
      const text = typeof certificate === 'string' ? certificate : ''
      const verified: Certificate = await verifyCertificate(text, this.#roots, record.log)
      this.#key = createLogKey(verified)
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      this.#find('UNKNOWN_KEY', 0, error.message)
    }
  }

  #takeCheckpoint(record: RecordMembers, text: string): void {
    let checkpoint: CheckpointRecord
    try {
      checkpoint = decodeCheckpointRecord(record)
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error
      this.#find('ALTERED', record.index, error.message)
      return
    }
    if (this.#isSigned(checkpoint) && this.#isBorneOut(checkpoint)) {
      this.#signedSize = checkpoint.index
      this.#signedAt = readTimestamp(checkpoint, this.#key)
      this.#checkTime(checkpoint.index, this.#signedAt ?? Number.NaN)
      this.#base = this.#tree?.frontier() ?? this.#base
      this.#sealed ||= this.#closedAt === checkpoint.index - 1 && isClosingText(checkpoint, text)
    }
    this.#pending = []
    this.#pendingFrom = checkpoint.index
  }

  #isSigned(checkpoint: CheckpointRecord): boolean {
    const judgement = this.#key?.judge(checkpoint) ?? 'foreign'
    if (judgement === 'signed') return true
    const [verdict, message] =
      judgement === 'foreign'
        ? (['UNKNOWN_KEY', "its note is not signed by the log's certified key"] as const)
        : (['ALTERED', 'its signatures do not fit its note'] as const)
    this.#find(verdict, checkpoint.index, message)
    return false
  }

  /** Does its root follow from the records, or from the leaves that it carries itself? */
  #isBorneOut({ index, from, leaves, frontier, checkpoint }: CheckpointRecord): boolean {
    if (this.#tree !== undefined && isEqualBytes(this.#tree.root(), checkpoint.root)) return true
    const hasDifference = this.#compareLeaves(from, leaves)
    for (const base of [this.#base, frontier]) {
      if (base?.size !== from) continue
      const tree = createMerkleTree(base)
      for (let at = 0; at < leaves.length; at += HASH_BYTES) tree.append(leaves, at)
      if (!isEqualBytes(tree.root(), checkpoint.root)) continue
      this.#tree = tree
      return true
    }
    if (this.#tree !== undefined && !hasDifference) {
      this.#find('ALTERED', index, 'the records do not hash to the root that was signed here')
    }
    this.#tree = undefined
    return false
  }

  /** Names the records that differ from the leaves that a checkpoint carries. */
  #compareLeaves(from: number, leaves: Uint8Array): boolean {
    let hasDifference = false
    for (const [i, hash] of this.#pending.entries()) {
      const at = (this.#pendingFrom + i - from) * HASH_BYTES
      // What the log has signed is not lost.
      if (at < 0 || hash === LOST_LEAF || isEqualBytes(hash, leaves.subarray(at, at + HASH_BYTES)))
        continue
      hasDifference = true
      const message = 'the record does not hash to the leaf that its checkpoint names'
      this.#find('ALTERED', this.#pendingFrom + i, message)
    }
    return hasDifference
  }

  #compareAgain(index: number, hash: Uint8Array): void {
    const known = this.#pending[index - this.#pendingFrom]
    if (known !== undefined && !isEqualBytes(known, hash)) {
      this.#find('FORGED_DUP', index, 'two different texts claim this index')
    }
  }

  #checkStatement(index: number, type: string): void {
    const kind = certificateKindFor(type)
    if (kind === undefined || this.#key === undefined || this.#key.certificate.kind === kind) return
    this.#find('UNKNOWN_KEY', index, `a ${type} stands in a log whose certificate is not for it`)
  }

  #checkTime(index: number, seconds: number): void {
    const certificate = this.#key?.certificate
    if (certificate === undefined) return
    if (seconds < certificate.notBefore || seconds >= certificate.expires) {
      this.#find('EXPIRED_KEY', index, "its time lies outside the life of the log's certificate")
    }
  }

  #find(verdict: FindingVerdict, index: number | undefined, message: string): void {
    this.#findings.add({
      verdict,
      ...(this.#log !== undefined && { log: this.#log }),
      ...(index !== undefined && { index }),
      message,
    })
  }
}
