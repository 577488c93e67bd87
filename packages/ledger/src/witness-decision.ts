import { isEqualBytes } from './bytes.ts'
import { parseCheckpoint, type Checkpoint } from './checkpoint.ts'
import { LedgerError } from './errors.ts'
import { emptyRoot } from './hash.ts'
import type { VerifierKey } from './key.ts'
import { openNote, parseNote } from './note.ts'
import { verifyConsistency } from './proof.ts'
import { parseAddCheckpoint } from './witness-request.ts'

/** The newest tree of a log that a witness has cosigned. */
export interface WitnessedHead {
  readonly size: bigint
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** What a witness knows of logs. */
export interface WitnessKnowledge {
  /** Keys of the log with this origin; none for a log that it does not know. */
  keysOf(origin: string): readonly VerifierKey[]
  /** What it has cosigned last; `undefined` for nothing yet. */
  headOf(origin: string): WitnessedHead | undefined
}

/** How a witness answers `add-checkpoint`; `heldSize` belongs into the body of a 409. */
export type WitnessDecision =
  | { readonly status: 200; readonly text: string; readonly checkpoint: Checkpoint }
  | { readonly status: 409; readonly heldSize: bigint }
  | { readonly status: 400 | 403 | 404 | 422; readonly reason: string }

/**
 * Decides about an `add-checkpoint` request (C2SP tlog-witness). Whoever calls it keeps the new
 * head before the answer leaves, in the same transaction that {@link WitnessKnowledge.headOf} read
 * in: between two requests nothing may come, or the slower one rolls the tree back.
 */
export function decideAddCheckpoint(body: string, knowledge: WitnessKnowledge): WitnessDecision {
  let request
  let checkpoint
  try {
    request = parseAddCheckpoint(body)
    checkpoint = parseCheckpoint(parseNote(request.checkpoint).text)
  } catch (error) {
    // What is no signed note bears no trusted signature.
    const isUnsigned = error instanceof LedgerError && error.code === 'ERR_LEDGER_NOTE_MALFORMED'
    return { status: isUnsigned ? 403 : 400, reason: describe(error) }
  }
  const { origin, size, root } = checkpoint
  const keys = knowledge.keysOf(origin)
  if (keys.length === 0) return { status: 404, reason: 'unknown log' }
  try {
    openNote(request.checkpoint, keys)
  } catch (error) {
    return { status: 403, reason: describe(error) }
  }
  const { oldSize, proof } = request
  if (oldSize > size) return { status: 400, reason: 'the old size is above the checkpoint' }
  const held = knowledge.headOf(origin) ?? { size: 0n, root: emptyRoot() }
  if (oldSize !== held.size) return { status: 409, heldSize: held.size }
  const reason = findInconsistency(held, { size, root }, proof)
  if (reason !== undefined) return { status: 422, reason }
  return { status: 200, text: parseNote(request.checkpoint).text, checkpoint }
}

/** Says why a head does not follow from the one held; `undefined` when it does. */
function findInconsistency(
  held: WitnessedHead,
  next: WitnessedHead,
  proof: readonly Uint8Array[],
): string | undefined {
  if (next.size === 0n && !isEqualBytes(next.root, emptyRoot())) return 'root of no leaves'
  if (held.size === 0n || held.size === next.size) {
    if (proof.length > 0) return 'a consistency proof where there is nothing to prove'
    if (held.size === next.size && !isEqualBytes(held.root, next.root)) {
      return 'another root of the same size'
    }
    return undefined
  }
  try {
    verifyConsistency({
      size1: held.size,
      size2: next.size,
      root1: held.root,
      root2: next.root,
      proof,
    })
    return undefined
  } catch (error) {
    return `consistency ${describe(error)}`
  }
}

function describe(error: unknown): string {
  if (error instanceof LedgerError) return error.message
  throw error
}
