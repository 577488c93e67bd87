import { isEqualBytes } from '../bytes.ts'
import { HASH_BYTES } from '../hash.ts'
import { createMerkleTree, type MerkleTree } from '../tree.ts'
import type { FindingList } from './finding-list.ts'
import { LeafClaims } from './leaf-claims.ts'
import type { LogAnalysis } from './log-analysis.ts'
import type { RecoveryEvidence } from './log-evidence.ts'
import { checkRecordTime } from './match.ts'
import type { Anchor } from './report.ts'
import type { FindingVerdict } from './verdict.ts'

/**
 * Lets every committed `log.recovered` speak for the log that it names: its root seals the tail
 * that the dead log could not sign itself. A tail that is sealed this way may hold a
 * `log.recovered` of its own, so this goes on until nothing new is said.
 *
 * @param isPartial - The export is of one route: a tail with gaps can then be neither proven nor
 *   blamed, and its log has no end.
 * @returns Which logs are pinned by which.
 */
export function applySuccessors(
  logs: ReadonlyMap<string, LogAnalysis>,
  findings: FindingList,
  isPartial: boolean,
): Anchor[] {
  const anchors: Anchor[] = []
  const queue = [...logs.values()].filter(({ key }) => key !== undefined)
  for (const successor of queue) {
    for (const recovery of successor.recoveries.splice(0)) {
      const { origin } = successor.evidence
      const log = logs.get(recovery.prevLog)
      if (log === undefined) {
        const message = `the log ${origin} adopted a log that the export lacks`
        findings.add({ verdict: 'MISSING_LOG', log: recovery.prevLog, message })
      } else if (isSameService(origin, recovery.prevLog) && log.key !== undefined) {
        if (applyRecovery(log, recovery, { origin, isPartial }, findings)) {
          anchors.push({ kind: 'successor', log: recovery.prevLog, by: origin })
          if (log.recoveries.length > 0) queue.push(log)
        }
      }
    }
  }
  return anchors
}

/** A certified key may end logs of its own service only. */
function isSameService(origin: string, other: string): boolean {
  return origin !== other && origin.split('/', 1)[0] === other.split('/', 1)[0]
}

interface Successor {
  readonly origin: string
  readonly isPartial: boolean
}

/** Tells whether the successor's root is borne out. */
function applyRecovery(
  log: LogAnalysis,
  recovery: RecoveryEvidence,
  { origin, isPartial }: Successor,
  findings: FindingList,
): boolean {
  const { signedSize } = log.rebuilt
  const find = (verdict: FindingVerdict, index: number, message: string, lastIndex = index): void =>
    findings.add({
      verdict,
      log: log.evidence.origin,
      index,
      ...(lastIndex > index && { lastIndex }),
      message: `${message} ${origin}`,
    })
  if (recovery.prevSize <= signedSize) {
    const root = rootWithin(log, recovery.prevSize)
    if (root === undefined) return false
    if (isEqualBytes(root, recovery.prevRoot)) return true
    find('FORK', recovery.prevSize, 'the signed tree is not the one named by the successor')
    return false
  }
  const tail = readTail(log, recovery.prevSize)
  if (tail === undefined && isPartial) return false
  log.successor = { origin, size: recovery.prevSize }
  if (tail === undefined) return false
  if (isEqualBytes(tail.tree.root(), recovery.prevRoot)) {
    commitTail(log, tail.rows, findings)
    return true
  }
  const message = 'one of these records was altered: they do not hash to the root named by'
  find('ALTERED', signedSize, message, recovery.prevSize - 1)
  return false
}

function rootWithin({ rebuilt }: LogAnalysis, size: number): Uint8Array | undefined {
  const tree = createMerkleTree()
  for (const { start, hashes } of rebuilt.proven) {
    if (start !== tree.size) break
    for (let at = 0; at < hashes.length && tree.size < size; at += HASH_BYTES) {
      tree.append(hashes, at)
    }
  }
  return tree.size === size ? tree.root() : undefined
}

interface Tail {
  readonly tree: MerkleTree
  readonly rows: readonly number[]
}

/** Grows the proven tree by the records above its signed size; none may be missing. */
function readTail(log: LogAnalysis, size: number): Tail | undefined {
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

function commitTail(log: LogAnalysis, rows: readonly number[], findings: FindingList): void {
  const { evidence } = log
  for (const row of rows) {
    checkRecordTime(log, row, findings)
    const kind = evidence.leaves.kindAt(row)
    if (kind === 'close') log.closedAt ??= evidence.leaves.indexAt(row)
    if (kind === 'statement') log.provenStatements.push(row)
    const recovery = evidence.recoveryAt(row)
    if (recovery !== undefined) log.recoveries.push(recovery)
  }
}
