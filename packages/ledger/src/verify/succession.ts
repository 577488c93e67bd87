import { isEqualBytes } from '../bytes.ts'
import { HASH_BYTES } from '../hash.ts'
import { isLostLeaf } from '../lost-leaves.ts'
import type { RecoveredTail, Recovery } from '../recovered-record.ts'
import { createMerkleTree, type MerkleTree } from '../tree.ts'
import type { FindingList } from './finding-list.ts'
import { LeafClaims } from './leaf-claims.ts'
import {
  ProvenCursor,
  type CommittedRecovery,
  type LogAnalysis,
  type Successor,
} from './log-analysis.ts'
import { checkRecordTime, matchTail } from './match.ts'
import type { Anchor } from './report.ts'
import { computeSeenRoot, growSeenTree, listLostLeaves, type CarriedTail } from './seen-tree.ts'
import { saysUnbegun } from './unbegun.ts'
import type { FindingVerdict } from './verdict.ts'

/** What successors say. */
export interface Successions {
  readonly anchors: readonly Anchor[]
  /** Origins of logs that left no record, as a log of their slot says. */
  readonly unbegun: ReadonlySet<string>
}

/**
 * Lets every committed `log.recovered` speak for the log that it names: its root seals the tail
 * that the dead log could not sign itself. A tail that is sealed this way may hold a
 * `log.recovered` of its own, so this goes on until nothing new is said.
 *
 * @param route - The export is of this route: a tail with gaps, whose leaves the successor does not
 *   carry, can then be neither proven nor blamed, and its log has no end.
 * @returns Which logs are pinned by which, and which of those that are not at hand left no record.
 */
export function applySuccessors(
  logs: ReadonlyMap<string, LogAnalysis>,
  findings: FindingList,
  route: string | undefined,
): Successions {
  const anchors: Anchor[] = []
  const unbegun = new Set<string>()
  const queue = [...logs.values()].filter(({ key }) => key !== undefined)
  for (const successor of queue) {
    for (const recovery of successor.recoveries.splice(0)) {
      const { origin } = successor.evidence
      const log = logs.get(recovery.prevLog)
      if (log === undefined && saysUnbegun(recovery, origin)) {
        unbegun.add(recovery.prevLog)
      } else if (log === undefined) {
        const message = `the log ${origin} adopted a log that the export lacks`
        findings.add({ verdict: 'MISSING_LOG', log: recovery.prevLog, message })
      } else if (recovery.prevSize === 0) {
        // What was delivered before a power cut took the journal speaks for itself.
      } else if (isSameService(origin, recovery.prevLog) && log.key !== undefined) {
        if (applyRecovery(log, recovery, { origin, route }, findings)) {
          pin(anchors, recovery.prevLog, origin)
          if (log.recoveries.length > 0) queue.push(log)
        }
      }
    }
  }
  return { anchors, unbegun }
}

/** A long tail comes in several records of one successor. */
function pin(anchors: Anchor[], log: string, by: string): void {
  if (anchors.at(-1)?.log === log && anchors.at(-1)?.by === by) return
  anchors.push({ kind: 'successor', log, by })
}

/** A certified key may end logs of its own service only. */
function isSameService(origin: string, other: string): boolean {
  return origin !== other && origin.split('/', 1)[0] === other.split('/', 1)[0]
}

/** Who speaks, in an export of what. */
interface Speaker {
  readonly origin: string
  readonly route: string | undefined
}

function toSuccessor(origin: string, recovery: CommittedRecovery): Successor {
  const { prevSize: size, prevRoot: root, index } = recovery
  return { origin, size, root, index }
}

/** Tells whether the successor's root is borne out. */
function applyRecovery(
  log: LogAnalysis,
  recovery: CommittedRecovery,
  { origin, route }: Speaker,
  findings: FindingList,
): boolean {
  if (recovery.tail !== undefined && contradictsProven(log, recovery.tail)) {
    const find = createFinder(log, origin, findings)
    find('FORK', log.provenSize, 'the signed tree has not the leaves that are carried by')
    return false
  }
  const lost = listLostLeaves(log, recovery, origin)
  log.lost.push(...lost)
  const isBorneOut = judgeRoot(log, recovery, { origin, route }, findings)
  if (!isBorneOut) log.lost.splice(-lost.length, lost.length)
  return isBorneOut
}

/** Compares the successor's root, and brings the leaves that it carries under it. */
function judgeRoot(
  log: LogAnalysis,
  recovery: CommittedRecovery,
  { origin, route }: Speaker,
  findings: FindingList,
): boolean {
  const signedSize = log.provenSize
  const find = createFinder(log, origin, findings)
  if (recovery.prevSize <= signedSize) {
    const root = growSeenTree(log, recovery.prevSize, origin)?.root()
    if (root === undefined) return false
    if (isEqualBytes(root, recovery.prevRoot)) return true
    find('FORK', recovery.prevSize, 'the signed tree is not the one named by the successor')
    return false
  }
  const carried = recovery.tail && joinTail(log, recovery.tail, recovery.prevSize)
  if (recovery.tail !== undefined && carried !== undefined) {
    const root = computeSeenRoot(log, carried, origin)
    if (root !== undefined && !isEqualBytes(root, recovery.prevRoot)) {
      find('FORK', signedSize, 'the signed tree is not the one that was continued by')
      return false
    }
    log.successor = toSuccessor(origin, recovery)
    lengthen(log, recovery, carried)
    matchTail(log, findings, signedSize, route)
    return true
  }
  const tail = readTail(log, recovery.prevSize)
  if (tail === undefined && route !== undefined) {
    // Checkpoints go to every route: the one that the carried leaves go on from must be here.
    if (recovery.tail !== undefined && !hasRecord(log, recovery.lastSignedSize)) {
      find('MISSING_CHECKPOINT', recovery.lastSignedSize, 'its record is missing, says')
    }
    return false
  }
  log.successor = toSuccessor(origin, recovery)
  if (tail === undefined) return false
  if (isEqualBytes(tail.tree.root(), recovery.prevRoot)) {
    commitTail(log, tail.rows, findings)
    return true
  }
  const message = 'one of these records was altered: they do not hash to the root named by'
  find('ALTERED', signedSize, message, recovery.prevSize - 1)
  return false
}

function createFinder(
  { evidence }: LogAnalysis,
  successor: string,
  findings: FindingList,
): (verdict: FindingVerdict, index: number, message: string, lastIndex?: number) => void {
  return (verdict, index, message, lastIndex = index) =>
    findings.add({
      verdict,
      log: evidence.origin,
      index,
      ...(lastIndex > index && { lastIndex }),
      message: `${message} ${successor}`,
    })
}

/**
 * Is one of the carried leaves another than the log's own signed root bears out? One that is lost
 * is none: what was on its way already may be gone from the disk.
 */
function contradictsProven({ rebuilt }: LogAnalysis, { from, leaves }: RecoveredTail): boolean {
  const proven = new ProvenCursor(rebuilt.proven)
  for (let at = 0; at < leaves.length; at += HASH_BYTES) {
    const place = proven.at(from + at / HASH_BYTES)
    if (place === undefined || isLostLeaf(leaves, at)) continue
    const own = place.bytes.subarray(place.offset, place.offset + HASH_BYTES)
    if (!isEqualBytes(own, leaves.subarray(at, at + HASH_BYTES))) return true
  }
  return false
}

/** What a successor carries beyond the proven end; nothing if leaves are wanting in between. */
function joinTail(
  { provenSize, rebuilt }: LogAnalysis,
  { from, leaves }: RecoveredTail,
  prevSize: number,
): CarriedTail | undefined {
  if (from > provenSize) return undefined
  const hashes = leaves.subarray((provenSize - from) * HASH_BYTES)
  if (rebuilt.frontier?.size !== provenSize) return { start: provenSize, hashes }
  const tree = createMerkleTree(rebuilt.frontier)
  for (let at = 0; tree.size < prevSize; at += HASH_BYTES) tree.append(hashes, at)
  return { start: provenSize, hashes, tree }
}

function lengthen(
  log: LogAnalysis,
  recovery: Recovery,
  { start, hashes, tree }: CarriedTail,
): void {
  const end = recovery.prevSize
  log.provenSize = end
  log.tails.push(recovery.tail!)
  const { frontier: _, ...rebuilt } = log.rebuilt
  log.rebuilt = {
    ...rebuilt,
    proven: [...rebuilt.proven, { start, end, hashes }],
    ...(tree !== undefined && { frontier: tree.frontier() }),
  }
}

function hasRecord({ evidence, rows }: LogAnalysis, index: number): boolean {
  return rows.some((row) => evidence.leaves.indexAt(row) === index)
}

/** Records above a log's proven size, and the tree over them. */
export interface Tail {
  readonly tree: MerkleTree
  readonly rows: readonly number[]
}

/** Grows the proven tree by the records above its signed size; none may be missing. */
export function readTail(log: LogAnalysis, size: number): Tail | undefined {
  const { rebuilt, evidence } = log
  if (rebuilt.frontier === undefined) return undefined
  const tree = createMerkleTree(rebuilt.frontier)
  const claims = new LeafClaims(evidence.leaves, log.rows, [])
  const rows: number[] = []
  while (tree.size < size) {
    const [start, end] = claims.rowsOf(tree.size)
    if (start === end) return undefined
    const candidates = log.rows.subarray(start, end)
    const row = candidates.find((row) => row === rebuilt.head?.row) ?? candidates[0]!
    tree.append(evidence.leaves.hashAt(row))
    rows.push(row)
  }
  return { tree, rows }
}

/** Takes records of a tail for proven, and lets them speak. */
export function commitTail(log: LogAnalysis, rows: readonly number[], findings: FindingList): void {
  const { evidence } = log
  for (const row of rows) {
    checkRecordTime(log, row, findings)
    const kind = evidence.leaves.kindAt(row)
    if (kind === 'close') log.closedAt ??= evidence.leaves.indexAt(row)
    if (kind === 'statement') log.provenStatements.push(row)
    if (kind === 'loss') log.provenLosses.push(row)
    const recovery = evidence.recoveryAt(row)
    if (recovery !== undefined) {
      log.recoveries.push({ ...recovery, index: evidence.leaves.indexAt(row) })
    }
  }
}
