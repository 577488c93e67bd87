import {
  decodeRecoveredRecord,
  findLostLeaves,
  LedgerError,
  parseBase64,
  type LostRun,
} from '@tokentrail/ledger'

/** What a successor's `log.recovered` says of the dead log whose journal it adopted. */
export interface Recovery {
  /** Origin of the successor, and the index of its record. */
  readonly by: string
  readonly index: number
  readonly prevLog: string
  readonly prevSize: number
  readonly prevRoot: Uint8Array
  /** First and last index of its leaves that are lost. */
  readonly lost: readonly LostRun[]
}

/** A log's end as its successor signed it. */
export interface SealedTail {
  readonly recovery: Recovery
  /** Whether the records in the store hash to the successor's root. */
  readonly holds: boolean
}

/** A {@link Recovery} in JSON. */
export type KeptRecovery = Omit<Recovery, 'prevRoot' | 'lost'> & {
  readonly prevRoot: string
  readonly lost?: readonly LostRun[]
}

/** The form in which a recovery is kept. */
export function keepRecovery(recovery: Recovery): KeptRecovery {
  return { ...recovery, prevRoot: Buffer.from(recovery.prevRoot).toString('hex') }
}

/** The inverse of {@link keepRecovery}. */
export function restoreRecovery(kept: KeptRecovery): Recovery {
  return { ...kept, prevRoot: Buffer.from(kept.prevRoot, 'hex'), lost: kept.lost ?? [] }
}

const MARK = '"type":"tokentrail.log.recovered"'

/** Reads a record's text as a `log.recovered`; `undefined` when it is none, or says nothing usable. */
export function readRecovery(text: string): Recovery | undefined {
  if (!text.includes(MARK)) return undefined
  const record = JSON.parse(text) as Readonly<Record<string, unknown>>
  const { type, log, index, prevLog, prevSize, prevRoot } = record
  const isUsable =
    type === 'tokentrail.log.recovered' &&
    typeof log === 'string' &&
    typeof index === 'number' &&
    typeof prevLog === 'string' &&
    typeof prevRoot === 'string' &&
    Number.isSafeInteger(prevSize) &&
    // Nothing is sealed of a log that left no record.
    prevSize !== 0 &&
    isSameService(log, prevLog)
  if (!isUsable) return undefined
  const root = toRoot(prevRoot)
  const lost = readLost(record)
  return root && { by: log, index, prevLog, prevSize: Number(prevSize), prevRoot: root, lost }
}

/** Only what its zero leaves bear out, of which a record has no more than fit into it. */
function readLost(record: Readonly<Record<string, unknown>>): readonly LostRun[] {
  if (record['lost'] === undefined) return []
  try {
    const { tail } = decodeRecoveredRecord(record)
    return tail === undefined ? [] : findLostLeaves(tail.leaves, tail.from)
  } catch (error) {
    if (error instanceof LedgerError) return []
    throw error
  }
}

/** A certified key may end logs of its own service only. */
function isSameService(origin: string, other: string): boolean {
  return origin !== other && origin.split('/', 1)[0] === other.split('/', 1)[0]
}

function toRoot(text: string): Uint8Array | undefined {
  try {
    const root = parseBase64(text)
    return root.length === 32 ? root : undefined
  } catch (error) {
    if (error instanceof LedgerError) return undefined
    throw error
  }
}
