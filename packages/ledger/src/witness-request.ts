import { formatBase64, parseBase64 } from './base64.ts'
import { LedgerError } from './errors.ts'
import { HASH_BYTES } from './hash.ts'
import { COSIGNATURE_TYPE, type VerifierKey } from './key.ts'
import { formatNote, openNote, parseNote } from './note.ts'
import type { Proof } from './proof.ts'

/** Most hashes of a consistency proof: one for each bit of a size but one. */
const MAX_PROOF_HASHES = 63

/** A request to a witness to cosign a checkpoint (C2SP tlog-witness, `add-checkpoint`). */
export interface AddCheckpointRequest {
  /** Size that the witness has cosigned last, as far as the log knows; 0 for none. */
  readonly oldSize: bigint
  /** Consistency proof from {@link oldSize}; empty when that is 0. */
  readonly proof: Proof
  /** Signed note of the checkpoint, verbatim. */
  readonly checkpoint: string
}

/**
 * Formats the body of `add-checkpoint`: `old <size>\n`, one base64 hash a line, blank line,
 * checkpoint.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_ENCODING_INVALID`, `ERR_LEDGER_NOTE_MALFORMED`
 */
export function formatAddCheckpoint(request: AddCheckpointRequest): string {
  const { oldSize, proof, checkpoint } = request
  if (oldSize < 0n || oldSize >= 1n << 64n) throw malformed('has a size outside 64 bits')
  if (proof.length > MAX_PROOF_HASHES) throw malformed(`has more than ${MAX_PROOF_HASHES} hashes`)
  if (proof.some((hash) => hash.length !== HASH_BYTES)) throw malformed('has a hash of odd length')
  parseNote(checkpoint)
  const lines = [`old ${oldSize}`, ...proof.map(formatBase64)]
  return `${lines.join('\n')}\n\n${checkpoint}`
}

/**
 * Parses the body of `add-checkpoint`. It takes only what {@link formatAddCheckpoint} produces, and
 * checks no signature and no proof.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_ENCODING_INVALID`, `ERR_LEDGER_NOTE_MALFORMED`
 */
export function parseAddCheckpoint(text: string): AddCheckpointRequest {
  const split = text.indexOf('\n\n')
  if (split < 0) throw malformed('has no blank line before its checkpoint')
  const [first = '', ...lines] = text.slice(0, split).split('\n')
  const size = /^old (0|[1-9][0-9]{0,19})$/.exec(first)?.[1]
  if (size === undefined) throw malformed('does not begin with "old <decimal>"')
  const request = {
    oldSize: BigInt(size),
    proof: lines.map(parseBase64),
    checkpoint: text.slice(split + 2),
  }
  formatAddCheckpoint(request)
  return request
}

/**
 * Returns a note with further signature lines, as a witness answers with them.
 *
 * @param key - Only lines of this key are taken: a witness may send any. Default is all.
 */
export function addSignatureLines(note: string, lines: string, key?: VerifierKey): string {
  const { text, signatures } = parseNote(note)
  const added = parseNote(`${text}\n${lines}`).signatures.filter(
    ({ name, id }) => key === undefined || (name === key.name && id === key.id),
  )
  return formatNote({ text, signatures: [...signatures, ...added] })
}

/**
 * Checks a witness's answer: the cosignature lines of its key over the note's text.
 *
 * @param lines - Body of the answer: one or more signature lines.
 * @returns POSIX seconds of the newest cosignature.
 * @throws {@link LedgerError} `ERR_LEDGER_NOTE_MALFORMED`, `ERR_LEDGER_SIGNATURE_INVALID`
 */
export function verifyCosignatures(note: string, lines: string, witness: VerifierKey): bigint {
  if (witness.type !== COSIGNATURE_TYPE) throw new TypeError('"witness" must be a cosigning key')
  const { text } = parseNote(note)
  const times = openNote(`${text}\n${lines}`, [witness]).verified.map(
    ({ timestamp = 0n }) => timestamp,
  )
  return times.reduce((newest, time) => (time > newest ? time : newest), 0n)
}

function malformed(what: string): LedgerError {
  return new LedgerError('ERR_LEDGER_ENCODING_INVALID', `add-checkpoint request ${what}`)
}
