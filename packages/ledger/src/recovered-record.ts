import { formatBase64, parseBase64 } from './base64.ts'
import { LedgerError } from './errors.ts'
import { HASH_BYTES } from './hash.ts'
import { findLostLeaves, isSameRuns, type LostRun } from './lost-leaves.ts'
import { decodeRoutes, type RouteRun } from './routes.ts'

/** Type of the record in which a successor speaks for the end of a dead log. */
export const RECOVERED_TYPE = 'tokentrail.log.recovered'

/** What a successor says of a log that it adopted. */
export interface Recovery {
  /** Origin of the dead log. */
  readonly prevLog: string
  /** Number of its leaves. */
  readonly prevSize: number
  /** Root over them, 32 bytes. */
  readonly prevRoot: Uint8Array
  /** Size of the last tree that it signed itself. */
  readonly lastSignedSize: number
  /**
   * The leaves that it could not sign any more, so that they stand under a signed root even where
   * their records are not; absent in the records of early recorders.
   */
  readonly tail?: RecoveredTail
}

/** Leaves `[from, prevSize)` of a dead log. */
export interface RecoveredTail {
  readonly from: number
  /** Their hashes, concatenated; {@link LOST_LEAF} in place of one that is lost. */
  readonly leaves: Uint8Array
  readonly routes: readonly RouteRun[]
}

/** The members that a `log.recovered` record has of its own. */
export interface RecoveredMembers {
  readonly prevLog: string
  readonly prevSize: number
  readonly prevRoot: string
  readonly lastSignedSize: number
  readonly from?: number
  readonly leaves?: string
  /** Indexes of the lost ones; absent when there are none. */
  readonly lost?: readonly LostRun[]
  readonly routes?: readonly RouteRun[]
  readonly [name: string]: string | number | readonly RouteRun[] | readonly LostRun[] | undefined
}

/** Encodes the members of a `log.recovered` record; the log adds those that every record has. */
export function encodeRecoveredMembers(recovery: Recovery): RecoveredMembers {
  const { prevLog, prevSize, prevRoot, lastSignedSize, tail } = recovery
  const lost = tail === undefined ? [] : findLostLeaves(tail.leaves, tail.from)
  return {
    prevLog,
    prevSize,
    prevRoot: formatBase64(prevRoot),
    lastSignedSize,
    ...(tail !== undefined && {
      from: tail.from,
      leaves: formatBase64(tail.leaves),
      ...(lost.length > 0 && { lost }),
      routes: tail.routes,
    }),
  }
}

/**
 * Decodes a `log.recovered` record: sizes are safe integers, and the leaves, if it carries any, are
 * one hash with routes for each index from `from` to `prevSize`, of which those that are lost are
 * named.
 *
 * @param record - The parsed canonical text.
 * @throws {@link LedgerError} `ERR_LEDGER_RECORD_MALFORMED`
 */
export function decodeRecoveredRecord(record: { readonly [name: string]: unknown }): Recovery {
  const { prevLog, prevSize, prevRoot, lastSignedSize } = record
  if (typeof prevLog !== 'string') throw malformed('names no log')
  if (!isSize(prevSize) || !isSize(lastSignedSize)) {
    throw malformed('has a size that is no safe integer')
  }
  const root = decodeHashes(prevRoot, 'root')
  if (root.length !== HASH_BYTES) throw malformed('has a root that is not 32 bytes')
  const recovery = { prevLog, prevSize, prevRoot: root, lastSignedSize }
  return record['leaves'] === undefined
    ? recovery
    : { ...recovery, tail: decodeTail(record, prevSize) }
}

function decodeTail(
  { from, leaves, lost, routes }: { readonly [name: string]: unknown },
  prevSize: number,
): RecoveredTail {
  if (!isSize(from) || from >= prevSize) throw malformed('carries leaves of no range')
  const hashes = decodeHashes(leaves, 'leaves')
  if (hashes.length !== (prevSize - from) * HASH_BYTES) {
    throw malformed('has not one leaf hash for each index of its range')
  }
  if (!isSameRuns(lost, findLostLeaves(hashes, from))) {
    throw malformed('names other leaves as lost than those that are zero')
  }
  return { from, leaves: hashes, routes: decodeRoutes(routes, prevSize - from) }
}

function decodeHashes(value: unknown, what: string): Uint8Array {
  if (typeof value !== 'string') throw malformed(`has no ${what}`)
  try {
    return parseBase64(value)
  } catch (error) {
    throw malformed(`has ${what} that are not base64`, { cause: error })
  }
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function malformed(what: string, options?: ErrorOptions): LedgerError {
  return new LedgerError('ERR_LEDGER_RECORD_MALFORMED', `log.recovered ${what}`, options)
}
