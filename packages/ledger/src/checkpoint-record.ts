import { formatBase64, parseBase64 } from './base64.ts'
import { concatBytes, decodeUint64 } from './bytes.ts'
import { hasOwnLines } from './checkpoint-note.ts'
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts'
import { LedgerError } from './errors.ts'
import { HASH_BYTES } from './hash.ts'
import { canonicalize } from './jcs.ts'
import { formatNote, parseNote, type Note } from './note.ts'
import { decodeRoutes, type RouteRun } from './routes.ts'
import { isFrontier, type Frontier } from './tree.ts'

/** Type of a checkpoint record. */
export const CHECKPOINT_TYPE = 'tokentrail.log.checkpoint'

/** What a checkpoint record says beside its note. */
export interface CheckpointContent {
  /** Signed note for size n, where n is the index of the record. */
  readonly note: string
  /** Index of the previous checkpoint record, 0 for the first. */
  readonly from: number
  /** Leaf hashes `[from, n)`, 32 bytes each. */
  readonly leafHashes: readonly Uint8Array[]
  /** Routes of those leaves; absent in the closing checkpoint only. */
  readonly routes?: readonly RouteRun[]
  /** Compact range of `[0, from)`, at least once a minute. */
  readonly frontier?: Frontier
  /** The log's certificate, beside a frontier: with both, what follows verifies without the rest. */
  readonly certificate?: string
}

/** The members that a checkpoint record has of its own. */
export interface CheckpointMembers {
  readonly note: string
  readonly from: number
  readonly leaves: string
  readonly routes?: readonly RouteRun[]
  readonly frontier?: string
  readonly certificate?: string
  readonly [name: string]: string | number | readonly RouteRun[] | undefined
}

/** A checkpoint record whose members fit one another; no signature or hash has been checked. */
export interface CheckpointRecord {
  readonly log: string
  readonly index: number
  readonly from: number
  /** Leaf hashes `[from, index)`, concatenated. */
  readonly leaves: Uint8Array
  readonly note: Note
  readonly noteText: string
  readonly checkpoint: Checkpoint
  readonly routes?: readonly RouteRun[]
  readonly frontier?: Frontier
  readonly certificate?: string
}

/** What the closing checkpoint of a log is made of; nothing else is free in it. */
export interface ClosingCheckpoint {
  readonly log: string
  readonly index: number
  readonly from: number
  /** Leaf hashes `[from, index)`, concatenated. */
  readonly leaves: Uint8Array
  readonly note: string
}

/** Encodes the members of a checkpoint record; the log adds `v`, `log`, `index`, `type`, `time`. */
export function encodeCheckpointMembers(content: CheckpointContent): CheckpointMembers {
  const { note, from, leafHashes, routes, frontier, certificate } = content
  return {
    note,
    from,
    leaves: formatBase64(concatBytes(...leafHashes)),
    ...(routes !== undefined && { routes }),
    ...(frontier !== undefined && { frontier: formatBase64(concatBytes(...frontier.hashes)) }),
    ...(certificate !== undefined && { certificate }),
  }
}

/**
 * Decodes a checkpoint record: the note is for this log and index, there is a hash for each leaf
 * `[from, index)`, `routes` covers them, `frontier` fits `from`.
 *
 * @param record - The parsed canonical text.
 * @throws {@link LedgerError} `ERR_LEDGER_RECORD_MALFORMED`
 */
export function decodeCheckpointRecord(record: {
  readonly [name: string]: unknown
}): CheckpointRecord {
  try {
    return decode(record)
  } catch (error) {
    if (!(error instanceof LedgerError) || error.code === 'ERR_LEDGER_RECORD_MALFORMED') throw error
    throw malformed(error.message, { cause: error })
  }
}

/**
 * Builds the whole text of a log's closing checkpoint: `v log index type note from leaves time`,
 * where `time` is the cosignature's. The producer writes it; the verifier builds it again and
 * compares, because this record lies under no signed root.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_NOTE_MALFORMED`, `ERR_LEDGER_RECORD_MALFORMED` when the
 *   note has not exactly a `0x01` and a `0x04` signature.
 */
export function buildClosingCheckpointText(closing: ClosingCheckpoint): string {
  const { log, index, from, leaves } = closing
  const note = parseNote(closing.note)
  return canonicalize({
    v: 1,
    log,
    index,
    type: CHECKPOINT_TYPE,
    note: formatNote(note),
    from,
    leaves: formatBase64(leaves),
    time: `${readCosignatureSeconds(note)}000000000`,
  })
}

function readCosignatureSeconds(note: Note): bigint {
  if (!hasOwnLines(note)) throw malformed('its note must have one 0x01 and one 0x04 signature')
  return decodeUint64(note.signatures[1]!.signature)
}

function decode(record: { readonly [name: string]: unknown }): CheckpointRecord {
  const { log, index, from, note: noteText } = record
  if (typeof log !== 'string' || !isIndex(index)) throw malformed('it has no log or index')
  if (!isIndex(from) || from >= index) throw malformed('"from" must be below its index')
  if (typeof noteText !== 'string') throw malformed('"note" must be a string')
  const note = parseNote(noteText)
  const checkpoint = parseCheckpoint(note.text)
  if (checkpoint.origin !== log) throw malformed('its note names another log')
  if (checkpoint.size !== BigInt(index)) throw malformed('its note is for another size')
  const leaves = decodeLeaves(record['leaves'], index - from)
  const decoded = { log, index, from, leaves, note, noteText, checkpoint }
  const { routes, frontier, certificate } = record
  if (certificate !== undefined && typeof certificate !== 'string') {
    throw malformed('"certificate" must be a string')
  }
  return {
    ...decoded,
    ...(routes !== undefined && { routes: decodeRoutes(routes, index - from) }),
    ...(frontier !== undefined && { frontier: decodeFrontier(frontier, from) }),
    ...(certificate !== undefined && { certificate }),
  }
}

function decodeLeaves(value: unknown, count: number): Uint8Array {
  if (typeof value !== 'string') throw malformed('"leaves" must be a string')
  const leaves = parseBase64(value)
  if (leaves.length !== count * HASH_BYTES) {
    throw malformed('"leaves" must have one hash for each index from "from" to its own')
  }
  return leaves
}

function decodeFrontier(value: unknown, size: number): Frontier {
  if (typeof value !== 'string') throw malformed('"frontier" must be a string')
  const bytes = parseBase64(value)
  const hashes: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += HASH_BYTES) {
    hashes.push(bytes.subarray(at, at + HASH_BYTES))
  }
  const frontier = { size, hashes }
  if (!isFrontier(frontier)) throw malformed('"frontier" does not fit "from"')
  return frontier
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function malformed(what: string, options?: ErrorOptions): LedgerError {
  return new LedgerError('ERR_LEDGER_RECORD_MALFORMED', `checkpoint record: ${what}`, options)
}
