import type { JWK } from 'jose'
import { isEqualBytes } from '../bytes.ts'
import type { KnownIssuers } from '../certificate.ts'
import { HASH_BYTES } from '../hash.ts'
import type { RecoveredTail, Recovery } from '../recovered-record.ts'
import type { RouteRun } from '../routes.ts'
import { LeafClaims, type LeafPlace } from './leaf-claims.ts'
import { findLogKey, readTimestamp, type LogKey, type NoKey } from './log-key.ts'
import type { CheckpointEvidence, LogEvidence } from './log-evidence.ts'
import type { ProvenRun } from './proven-run.ts'
import { rebuildLog, type RebuiltLog } from './rebuild.ts'

/** A `log.recovered` that a signed root covers, at its index. */
export interface CommittedRecovery extends Recovery {
  readonly index: number
}

/** The log that speaks for the end of another one, and by which record. */
export interface Successor {
  readonly origin: string
  /** Size and root of the log that it speaks for. */
  readonly size: number
  readonly root: Uint8Array
  /** Index of its record. */
  readonly index: number
}

/** Leaves of a log that a successor says are lost. */
export interface LostLeaves {
  readonly first: number
  readonly last: number
  /** Origin of the successor, and the index of its record. */
  readonly by: string
  readonly at: number
  /** The log itself, or an earlier successor, has signed the leaves: they count. */
  readonly isOverruled: boolean
}

/** One log while it is judged: what was read of it, its key, its tree. */
export interface LogAnalysis {
  readonly evidence: LogEvidence
  /** Rows by index, without copies. */
  readonly rows: Uint32Array
  /** Checkpoint records by index. */
  readonly checkpoints: readonly CheckpointEvidence[]
  readonly key?: LogKey
  /** Why there is no key. */
  readonly keyProblem?: string
  /** What its own signed roots bear out; a successor's leaves lengthen `proven` and `frontier`. */
  rebuilt: RebuiltLog
  /** Size up to which leaves are under a signed root, its own or a successor's. */
  provenSize: number
  /** Leaves that a successor carries, in their order. */
  readonly tails: RecoveredTail[]
  /** Index of the committed `log.close`; set while records are matched. */
  closedAt?: number
  /** What this log is known under a signed root to say of others; filled while matching. */
  readonly recoveries: CommittedRecovery[]
  /** Rows of the statements that stand under a signed root; filled while matching. */
  readonly provenStatements: number[]
  /** Rows of what it says of losses under a signed root; filled while matching. */
  readonly provenLosses: number[]
  /** What successors say is lost of it. */
  readonly lost: LostLeaves[]
  /** The successor that names this log's end, and that end. */
  successor?: Successor
  /** POSIX seconds of the newest head that was kept outside and holds. */
  pinnedAt?: number
  /** Leaves of other routes than the one that is verified. */
  notRouted: number
  /** Those of them whose routes stand in a checkpoint that no signed root covers. */
  unsignedRoutes: number
  /** First index that the export must have: it may be a slice of the log. */
  start: number
  /** Leaves before {@link start}. */
  beforeSince: number
}

/** Rebuilds one log. Without a certified key its notes are taken at their word, to locate damage. */
export async function analyzeLog(
  evidence: LogEvidence,
  roots: readonly JWK[],
  issuers: KnownIssuers,
): Promise<LogAnalysis> {
  const rows = evidence.leaves.sortedRows()
  const checkpoints = evidence.checkpoints.toSorted((a, b) => a.index - b.index)
  const found: LogKey | NoKey = await findLogKey(evidence, roots, issuers)
  const key = 'judge' in found ? found : undefined
  const rebuilt = rebuildLog(evidence, rows, checkpoints, (checkpoint) =>
    key === undefined ? 'signed' : key.judge(checkpoint),
  )
  return {
    evidence,
    rows,
    checkpoints,
    ...(key !== undefined && { key }),
    ...('problem' in found && { keyProblem: found.problem }),
    rebuilt,
    provenSize: rebuilt.signedSize,
    tails: [],
    recoveries: [],
    provenStatements: [],
    provenLosses: [],
    lost: [],
    notRouted: 0,
    unsignedRoutes: 0,
    start: 0,
    beforeSince: 0,
  }
}

/** Has the log itself signed, at or past a time, a head that is borne out? */
export function isHeadPast({ rebuilt, key }: LogAnalysis, until: bigint | undefined): boolean {
  const { head, frontier } = rebuilt
  if (until === undefined || key === undefined || head === undefined) return false
  const timestamp = readTimestamp(head, key)
  return frontier !== undefined && timestamp !== undefined && toNanos(timestamp) >= until
}

/** The same for a head whose own record is under a signed root, as its routes then are. */
export function isCoveredHeadPast(log: LogAnalysis, until: bigint): boolean {
  const proven = new ProvenCursor(log.rebuilt.proven)
  return log.checkpoints.some((checkpoint) => {
    const place = proven.at(checkpoint.index)
    if (place === undefined || !isAt(checkpoint.hash, place)) return false
    const timestamp = readTimestamp(checkpoint, log.key)
    return timestamp !== undefined && toNanos(timestamp) >= until
  })
}

function isAt(hash: Uint8Array, { bytes, offset }: LeafPlace): boolean {
  return isEqualBytes(hash, bytes.subarray(offset, offset + HASH_BYTES))
}

/** Nanoseconds of POSIX seconds. */
export function toNanos(seconds: number): bigint {
  return BigInt(seconds) * 1_000_000_000n
}

/** Walks proven leaf hashes forwards. */
export class ProvenCursor {
  readonly #runs: readonly ProvenRun[]
  #next = 0

  constructor(runs: readonly ProvenRun[]) {
    this.#runs = runs
  }

  /** The proven hash of a leaf. Indexes must not go down. */
  at(index: number): LeafPlace | undefined {
    while (this.#next < this.#runs.length && this.#runs[this.#next]!.end <= index) this.#next++
    const run = this.#runs[this.#next]
    if (run === undefined || run.start > index) return undefined
    return { bytes: run.hashes, offset: (index - run.start) * HASH_BYTES }
  }
}

/** Walks the routes of leaves forwards, as the believable checkpoint records tell them. */
export class RouteCursor {
  readonly #spans: readonly RouteSpan[]
  #next = 0
  #run = 0
  #runStart = 0

  constructor(analysis: LogAnalysis) {
    this.#spans = listRouteSpans(analysis)
    this.#runStart = this.#spans[0]?.start ?? 0
  }

  /** Routes of a leaf, if a checkpoint tells them. Indexes must not go down. */
  at(index: number): readonly string[] | undefined {
    for (;;) {
      const span = this.#spans[this.#next]
      if (span === undefined || index < span.start) return undefined
      const run = span.runs[this.#run]
      if (run === undefined) {
        this.#next++
        this.#run = 0
        this.#runStart = this.#spans[this.#next]?.start ?? 0
      } else if (index < this.#runStart + run[0]) {
        return run[1]
      } else {
        this.#runStart += run[0]
        this.#run++
      }
    }
  }

  /** Whether what {@link at} has told of a leaf is under a signed root. */
  isSigned(index: number): boolean {
    return this.at(index) !== undefined && this.#spans[this.#next]!.isSigned
  }
}

interface RouteSpan {
  readonly start: number
  /** A signed root covers what says so. */
  readonly isSigned: boolean
  readonly runs: readonly RouteRun[]
}

/**
 * A checkpoint is believed when its own record is what the proof, or the next checkpoint, says that
 * it is. Where nothing says so, as of the uncovered head, its signed note must do.
 */
function listRouteSpans(log: LogAnalysis): RouteSpan[] {
  const { evidence, rows, checkpoints, rebuilt, key } = log
  const proven = new ProvenCursor(rebuilt.proven)
  const claims = new LeafClaims(evidence.leaves, rows, checkpoints)
  const spans: RouteSpan[] = []
  let end = 0
  for (const checkpoint of checkpoints) {
    const { index, from, hash, routes } = checkpoint
    if (routes === undefined || from < end) continue
    const signed = proven.at(index)
    const place = signed ?? claims.fromCheckpoint(index)
    const isBelieved = place === undefined ? key?.judge(checkpoint) === 'signed' : isAt(hash, place)
    if (!isBelieved) continue
    spans.push({ start: from, isSigned: signed !== undefined, runs: routes })
    end = index
  }
  // The tree, and with it every route below, is what the successor has signed for.
  for (const { from, routes } of log.tails)
    if (from >= end) spans.push({ start: from, isSigned: true, runs: routes })
  return spans
}
