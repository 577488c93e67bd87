import { isEqualBytes } from '../bytes.ts'
import { hasOwnLines } from '../checkpoint-note.ts'
import { HASH_BYTES } from '../hash.ts'
import { createMerkleTree } from '../tree.ts'
import type { FindingList } from './finding-list.ts'
import { ProvenCursor, type LogAnalysis } from './log-analysis.ts'
import type { CheckpointEvidence } from './log-evidence.ts'
import { readTimestamp } from './log-key.ts'
import { checkHeadTime, checkRecordTime } from './match.ts'
import { RunCollector } from './run-collector.ts'
import type { FindingVerdict } from './verdict.ts'

/** How far the time of an uncovered checkpoint record may be from its cosignature's, in seconds. */
const MAX_TIME_DISTANCE = 60

/**
 * Judges what stands at and above a log's signed size, which no signed root of the log covers: the
 * newest checkpoint record, and the tail of a log that has no end.
 *
 * @param isPartial - The export is of one route, so a gap in the tail says nothing.
 */
export function judgeTail(log: LogAnalysis, findings: FindingList, isPartial: boolean): void {
  new TailJudge(log, findings).run(isPartial)
}

/**
 * Judges the record of a log's newest signed head alone: what is above it need not be judged, but
 * the head itself is what the log is held to.
 */
export function judgeHead(log: LogAnalysis, findings: FindingList): void {
  const { head } = log.rebuilt
  if (head !== undefined) new TailJudge(log, findings).judgeRow(head.row)
}

/** Size of a log that has an end: no record may stand there or above. */
export function sealedSize(log: LogAnalysis): number | undefined {
  const { closedAt, successor, rebuilt } = log
  if (closedAt !== undefined && rebuilt.signedSize > closedAt) return closedAt + 2
  return successor?.size
}

class TailJudge {
  readonly #log: LogAnalysis
  readonly #findings: FindingList

  constructor(log: LogAnalysis, findings: FindingList) {
    this.#log = log
    this.#findings = findings
  }

  run(isPartial: boolean): void {
    const { rows, provenSize, evidence } = this.#log
    const { leaves, origin } = evidence
    const end = sealedSize(this.#log) ?? Infinity
    const inserted = this.#collect('INSERTED', 'no leaf has room for it: the log ends before')
    const gaps = this.#collect('MISSING', 'the tail of the log has a gap here')
    let expected = provenSize
    for (const row of rows) {
      const index = leaves.indexAt(row)
      if (index >= end) {
        inserted.add(index)
        continue
      }
      if (index < provenSize) continue
      if (index > expected && !isPartial) gaps.add(expected, index - 1)
      if (index === expected - 1) {
        const message = 'two different texts claim this index'
        this.#findings.add({ verdict: 'FORGED_DUP', log: origin, index, message })
      }
      expected = index + 1
      this.judgeRow(row)
    }
    if (this.#log.successor !== undefined && expected < end && !isPartial)
      gaps.add(expected, end - 1)
    inserted.flush()
    gaps.flush()
  }

  judgeRow(row: number): void {
    const checkpoint = this.#log.evidence.checkpointAt(row)
    // The time of an uncovered checkpoint is anybody's; that of its signature counts.
    if (checkpoint === undefined) checkRecordTime(this.#log, row, this.#findings)
    if (checkpoint === undefined || this.#log.key === undefined) return
    const judgement = this.#log.key.judge(checkpoint)
    if (judgement === 'foreign') {
      this.#find('UNKNOWN_KEY', checkpoint, "its note is not signed by the log's certified key")
    } else if (judgement === 'spoiled') {
      this.#find('ALTERED', checkpoint, 'its signatures do not fit its note')
    } else {
      checkHeadTime(this.#log, row, this.#findings)
      const problem = this.#findProblem(checkpoint)
      if (problem !== undefined) this.#find('ALTERED', checkpoint, problem)
    }
  }

  /** What makes a signed but uncovered checkpoint record other than its note implies. */
  #findProblem(checkpoint: CheckpointEvidence): string | undefined {
    const { isClosing, strangeMember, note, frontier, certificate } = checkpoint
    if (isClosing)
      return this.#isProven(checkpoint) ? undefined : 'its leaves are not the proven ones'
    if (this.#log.closedAt === checkpoint.index - 1) {
      return 'it is not the text that its note and leaves make a closing checkpoint'
    }
    if (certificate !== undefined && certificate !== (this.#log.key?.encoded ?? certificate)) {
      return "its certificate is not the log's"
    }
    if (strangeMember !== undefined) return 'it has a member that no checkpoint has'
    if (!hasOwnLines(note)) return 'its note has other signature lines than the log makes'
    const timestamp = readTimestamp(checkpoint, this.#log.key) ?? 0
    if (Math.abs(checkpoint.seconds - timestamp) > MAX_TIME_DISTANCE) {
      return 'its time is far from that of its signature'
    }
    if (frontier !== undefined && !isOwnFrontier(checkpoint)) return 'its frontier does not fit'
    return this.#isProven(checkpoint) ? undefined : 'its leaves are not the proven ones'
  }

  #isProven({ from, index, leaves }: CheckpointEvidence): boolean {
    const proven = new ProvenCursor(this.#log.rebuilt.proven)
    for (let i = from; i < index; i++) {
      const place = proven.at(i)
      if (place === undefined) continue
      const hash = place.bytes.subarray(place.offset, place.offset + HASH_BYTES)
      const at = (i - from) * HASH_BYTES
      if (!isEqualBytes(hash, leaves.subarray(at, at + HASH_BYTES))) return false
    }
    return true
  }

  #collect(verdict: FindingVerdict, message: string): RunCollector {
    return new RunCollector(this.#findings, this.#log.evidence.origin, verdict, message)
  }

  #find(verdict: FindingVerdict, { index, log }: CheckpointEvidence, message: string): void {
    this.#findings.add({ verdict, log, index, message: `checkpoint record: ${message}` })
  }
}

function isOwnFrontier({ frontier, leaves, checkpoint }: CheckpointEvidence): boolean {
  const tree = createMerkleTree(frontier)
  for (let at = 0; at < leaves.length; at += HASH_BYTES) tree.append(leaves, at)
  return isEqualBytes(tree.root(), checkpoint.root)
}
