import { formatCheckpoint } from './checkpoint.ts'
import { formatNote, type Note } from './note.ts'
import type { Cosigner, NoteSigner } from './signer.ts'

/** Bytes of an Ed25519 signature; of one with a time before it. */
const PLAIN_BYTES = 64
const COSIGNATURE_BYTES = 72

/** What {@link buildCheckpointNote} signs, and with what. */
export interface CheckpointNoteInput {
  /** Number of leaves: the index of the checkpoint record that will hold the note. */
  readonly size: number
  /** Root over them, 32 bytes. */
  readonly root: Uint8Array
  /** POSIX seconds of the cosignature. */
  readonly timestamp: bigint
  /** Signers of the log's instance key; the signer's name is the log's origin. */
  readonly signer: NoteSigner
  readonly cosigner: Cosigner
}

/**
 * Tells whether a note has the signature lines that a log makes, and no other: nobody can add one
 * or change their order unseen. Whether they hold is not checked.
 */
export function hasOwnLines({ signatures }: Note): boolean {
  const lengths = signatures.map(({ signature }) => signature.length)
  return lengths.length === 2 && lengths[0] === PLAIN_BYTES && lengths[1] === COSIGNATURE_BYTES
}

/** Builds the signed note of a checkpoint: two signature lines, `0x01`, then `0x04`. */
export function buildCheckpointNote(input: CheckpointNoteInput): string {
  const { size, root, timestamp, signer, cosigner } = input
  const text = formatCheckpoint({ origin: signer.key.name, size: BigInt(size), root })
  return formatNote({ text, signatures: [signer.sign(text), cosigner.sign(text, timestamp)] })
}
