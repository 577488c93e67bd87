import { parseBase64 } from '../base64.ts'
import { parseCheckpoint } from '../checkpoint.ts'
import { LedgerError } from '../errors.ts'
import { parseNote, type Note } from '../note.ts'
import type { RecordMembers } from './record-text.ts'

/** A log that a registry has certified, as its `registry.log` says. */
export interface RegisteredLog {
  readonly kind: 'log'
  readonly index: number
  readonly origin: string
  readonly certificate: string
  /** Nanoseconds since 1970 UTC. */
  readonly time: bigint
}

/** A head of a log that a registry holds, as its `registry.head` says. */
export interface RegisteredHead {
  readonly kind: 'head'
  readonly index: number
  readonly note: SignedCheckpoint
  /** The registry saw that it contradicts another head. */
  readonly conflicts: boolean
}

/** A cosigned head of the registry itself. */
export interface WitnessedNote {
  readonly kind: 'witness'
  readonly index: number
  readonly note: SignedCheckpoint
}

/** A time-stamped head of the registry itself. */
export interface TimestampedNote {
  readonly kind: 'timestamp'
  readonly index: number
  readonly note: SignedCheckpoint
  /** RFC 3161 response over the text of the note, DER. */
  readonly response: Uint8Array
}

/** A note that holds a checkpoint; no signature has been checked. */
export interface SignedCheckpoint {
  readonly text: string
  readonly note: Note
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
}

/** Anything that a registry says. */
export type RegistryStatement = RegisteredLog | RegisteredHead | WitnessedNote | TimestampedNote

/** Reads a statement of a registry; `undefined` for what is none or not in form. */
export function readRegistryStatement(record: RecordMembers): RegistryStatement | undefined {
  try {
    return decode(record)
  } catch (error) {
    if (error instanceof LedgerError) return undefined
    throw error
  }
}

/**
 * Parses a note that holds a checkpoint.
 *
 * @throws {@link LedgerError} When it is none
 */
export function parseSignedCheckpoint(text: string): SignedCheckpoint {
  const note = parseNote(text)
  const { origin, size, root } = parseCheckpoint(note.text)
  return { text, note, origin, size: Number(size), root }
}

function decode(record: RecordMembers): RegistryStatement | undefined {
  const { index, type, time, origin, certificate, note, timestamp } = record
  if (type === 'tokentrail.registry.log') {
    if (typeof origin !== 'string' || typeof certificate !== 'string') return undefined
    return { kind: 'log', index, origin, certificate, time: BigInt(time) }
  }
  if (typeof note !== 'string') return undefined
  const checkpoint = parseSignedCheckpoint(note)
  if (type === 'tokentrail.log.witness') return { kind: 'witness', index, note: checkpoint }
  if (type === 'tokentrail.log.timestamp') {
    if (typeof timestamp !== 'string') return undefined
    return { kind: 'timestamp', index, note: checkpoint, response: parseBase64(timestamp) }
  }
  if (type !== 'tokentrail.registry.head') return undefined
  if (origin !== checkpoint.origin || record['size'] !== checkpoint.size) return undefined
  return { kind: 'head', index, note: checkpoint, conflicts: record['conflict'] !== undefined }
}
