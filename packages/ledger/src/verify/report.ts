import type { RecordSource } from './exported-record.ts'
import type { FindingVerdict, Verdict } from './verdict.ts'

/** One thing that is wrong, as exactly as it can be located. */
export interface Finding {
  readonly verdict: FindingVerdict
  /** Origin of the log; absent when a record does not even tell that. */
  readonly log?: string
  /** Leaf index, or the first of a run. */
  readonly index?: number
  /** Last leaf index of a run of several. */
  readonly lastIndex?: number
  /** Name of the attribute or field that differs, of `PROJECTION_DIFFERS`. */
  readonly attribute?: string
  /** One sentence for a person. It quotes names and indexes, no value of a record. */
  readonly message: string
  readonly source?: RecordSource
}

/** How a log ends, as far as the export proves it. */
export type LogState = 'sealed' | 'unsealed' | 'unknown-key'

/** What the export proves of one log. */
export interface LogReport {
  readonly log: string
  readonly state: LogState
  /** What seals it: its own covered `log.close`, or the origin of the log that adopted it. */
  readonly sealedBy?: string
  /** Distinct records at hand. */
  readonly records: number
  /** Number of leaves under the newest signed root that the export bears out. */
  readonly signedSize: number
  /** POSIX seconds of that root's cosignature. */
  readonly signedAt?: number
  /** Records above it. */
  readonly unsealedRecords: number
  /**
   * Seconds from {@link signedAt} to the next sign of life, for a log that did not close itself: the
   * start of the next log of its service and slot, else its own last record.
   */
  readonly unsealedSeconds?: number
  /** Median of the same over the other logs of the service that did not close themselves. */
  readonly usualUnsealed?: { readonly seconds: number; readonly logs: number }
  /** Leaves that belong to other routes than the one that was verified. */
  readonly notRouted: number
  /** Leaves before the beginning that was asked for, which are not looked for. */
  readonly beforeSince: number
  /** Leaves that a successor says are lost, and that nothing else proves. */
  readonly lost: number
  /** The certificate was made by the log's own process: any holder of the root could back-date. */
  readonly selfIssued: boolean
}

/** Identity records were deleted, as a log under an erasure certificate says; no finding. */
export interface Erasure {
  readonly log: string
  readonly index: number
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly time: string
  /** Why, as the one who erased has named it. */
  readonly reason: string
  readonly kinds: readonly string[]
  readonly pseudonyms: readonly string[]
}

/** Records are lost, as a signed record says; no finding. */
export interface Loss {
  /**
   * `unreadable`: leaves that a successor found unreadable, from {@link index} to {@link lastIndex};
   * `damaged`: a place of a journal that cannot be read, in which the records from {@link index} to
   * {@link lastIndex} may have stood, as far as that is known; `unrecorded`: {@link count} records
   * that could not be kept when they were made, between {@link from} and {@link to}.
   */
  readonly kind: 'unreadable' | 'damaged' | 'unrecorded'
  /** Log whose records are lost. */
  readonly log: string
  /** Log that says so, and the index of its record. */
  readonly by: string
  readonly at: number
  readonly index?: number
  readonly lastIndex?: number
  /** File of the journal, and where in it how many bytes cannot be read. */
  readonly segment?: string
  readonly offset?: number
  readonly bytes?: number
  readonly count?: number
  readonly reason?: string
  /** Nanoseconds since 1970 UTC, decimal. */
  readonly from?: string
  readonly to?: string
}

/** Something outside a log that pins its history. */
export interface Anchor {
  /**
   * `successor`: a log that adopted this one; `registry`: it holds a head of this one; `witness`,
   * `timestamp`: over a head of a registry; `copy`: a checkpoint that was kept outside.
   */
  readonly kind: 'successor' | 'registry' | 'witness' | 'timestamp' | 'copy'
  readonly log: string
  /** Origin of the successor or registry; name of the witness or authority. */
  readonly by: string
  /** Size of the head that it pins. */
  readonly size?: number
  /** POSIX seconds at which that was signed. */
  readonly seconds?: number
}

/** The route whose records were verified, when the export is not the whole. */
export interface VerifiedRoute {
  readonly name: string
  /** Concluded from the records instead of told by the caller. */
  readonly inferred: boolean
}

/** The outcome of {@link verifyLogs}; plain JSON. */
export interface VerificationReport {
  readonly verdict: Verdict
  /** Exit code of a program that prints the verdict. */
  readonly exitCode: number
  /** Nanoseconds since 1970 UTC, decimal: what `until` asked for. */
  readonly until?: string
  /** Nanoseconds since 1970 UTC, decimal: what `since` asked for. */
  readonly since?: string
  readonly route?: VerifiedRoute
  /** Log records read, identity records and duplicates included. */
  readonly records: number
  /** Identity records set aside: no leaves, and no verdict depends on them. */
  readonly identities: number
  /** Exact copies of records already read. */
  readonly duplicates: number
  /** Ordered by gravity, then log, then index. */
  readonly findings: readonly Finding[]
  /** Findings beyond the first 1,000 of each log and verdict. */
  readonly omittedFindings: number
  readonly logs: readonly LogReport[]
  readonly anchors: readonly Anchor[]
  /** Information: whose identity records were erased. At most 10,000, by log and index. */
  readonly erasures: readonly Erasure[]
  /** What the logs themselves say is lost: at most 10,000, by the log whose records they are. */
  readonly losses: readonly Loss[]
  /** Whether any log's certificate was self-issued. */
  readonly selfIssued: boolean
  /** What a reader of the verdict must know, one sentence each. */
  readonly remarks: readonly string[]
  /**
   * Anchors that were asked for (`policy`, `checkpoints`, `verifyTimestamp`) and that nothing at
   * hand bears out, one sentence each. They do not change the verdict; who relies on them must
   * look.
   */
  readonly shortfalls: readonly string[]
}
