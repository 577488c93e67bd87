import { importEd25519PublicKey } from '#crypto'
import { formatBase64, parseBase64 } from './base64.ts'
import { concatBytes, decodeUint64, encodeUtf8 } from './bytes.ts'
import { LedgerError } from './errors.ts'
import { COSIGNATURE_TYPE, ED25519_TYPE, isKeyName, toIdBytes, type VerifierKey } from './key.ts'

/** Signature lines that a note may carry; C2SP asks for at least 16. */
const MAX_SIGNATURES = 100

/** One signature line of a note: `— <name> base64(<4 byte id> || <signature>)`. */
export interface NoteSignature {
  readonly name: string
  /** Key ID, four bytes as a number. */
  readonly id: number
  readonly signature: Uint8Array
}

/** A signed note: its text, which ends in a newline, and its signature lines. */
export interface Note {
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** A signature of a known key that was checked. */
export interface VerifiedSignature {
  readonly key: VerifierKey
  /** POSIX seconds of a timestamped cosignature (type `0x04`). */
  readonly timestamp?: bigint
}

/** A note of which at least one known key is known to have signed the text. */
export interface OpenedNote extends Note {
  readonly verified: readonly VerifiedSignature[]
}

/**
 * Formats a signed note (C2SP signed-note): text, blank line, signature lines.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_NOTE_MALFORMED` when {@link parseNote} would refuse it.
 */
export function formatNote(note: Note): string {
  checkText(note.text)
  if (note.signatures.length === 0) throw malformed('has no signature')
  return `${note.text}\n${note.signatures.map(formatSignature).join('')}`
}

/**
 * Parses a signed note, split at its last blank line, without checking any signature. It takes only
 * what {@link formatNote} produces.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_NOTE_MALFORMED`
 */
export function parseNote(text: string): Note {
  const split = text.lastIndexOf('\n\n')
  if (split < 0) throw malformed('has no blank line before its signatures')
  if (!text.endsWith('\n')) throw malformed('does not end in a newline')
  const body = text.slice(0, split + 1)
  checkText(text)
  checkText(body)
  const lines = text.slice(split + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) throw malformed(`has more than ${MAX_SIGNATURES} signatures`)
  return { text: body, signatures: lines.map(parseSignature) }
}

/**
 * Parses a note and checks the signatures of known keys. Signatures of others are ignored, also
 * when they share the name or the id of a known key.
 *
 * @throws {@link LedgerError} `ERR_LEDGER_NOTE_MALFORMED`; `ERR_LEDGER_SIGNATURE_INVALID` when a
 *   known key's signature fails, or no known key has signed.
 */
export function openNote(text: string, keys: readonly VerifierKey[]): OpenedNote {
  const note = parseNote(text)
  const verified: VerifiedSignature[] = []
  for (const signature of note.signatures) {
    const key = keys.find((key) => key.name === signature.name && key.id === signature.id)
    if (key !== undefined) verified.push(verifySignature(note.text, signature, key))
  }
  if (verified.length === 0) throw invalid('has no signature of a known key')
  return { ...note, verified }
}

/** Returns the bytes that a timestamped cosignature signs (C2SP tlog-cosignature). */
export function buildCosignedMessage(text: string, timestamp: bigint): Uint8Array {
  return encodeUtf8(`cosignature/v1\ntime ${timestamp}\n${text}`)
}

function verifySignature(
  text: string,
  signature: NoteSignature,
  key: VerifierKey,
): VerifiedSignature {
  const verify = importEd25519PublicKey(key.publicKey)
  if (key.type === ED25519_TYPE) {
    if (verify(encodeUtf8(text), signature.signature)) return { key }
  } else if (key.type === COSIGNATURE_TYPE && signature.signature.length === 72) {
    const timestamp = decodeUint64(signature.signature)
    const message = buildCosignedMessage(text, timestamp)
    if (verify(message, signature.signature.subarray(8))) return { key, timestamp }
  }
  throw invalid('has a signature of a known key that does not fit its text')
}

function formatSignature({ name, id, signature }: NoteSignature): string {
  if (!isKeyName(name)) throw malformed('has a signature without a valid key name')
  if (signature.length === 0) throw malformed('has an empty signature')
  return `— ${name} ${formatBase64(concatBytes(toIdBytes(id), signature))}\n`
}

function parseSignature(line: string): NoteSignature {
  const [dash, name, encoded, ...rest] = line.split(' ')
  if (dash !== '—' || name === undefined || encoded === undefined || rest.length > 0) {
    throw malformed('has a signature line that is not "— <name> <base64>"')
  }
  if (!isKeyName(name)) throw malformed('has a signature without a valid key name')
  const bytes = parseSignatureBytes(encoded)
  if (bytes.length < 5) throw malformed('has a signature shorter than its key id')
  const id = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0)
  return { name, id, signature: bytes.subarray(4) }
}

function parseSignatureBytes(encoded: string): Uint8Array {
  try {
    return parseBase64(encoded)
  } catch (error) {
    throw malformed('has a signature that is not base64', { cause: error })
  }
}

function checkText(text: string): void {
  if (text === '' || !text.endsWith('\n')) throw malformed('has a text without final newline')
  if (!text.isWellFormed()) throw malformed('is not valid Unicode')
  if (hasControlCharacter(text)) throw malformed('has a control character')
}

function hasControlCharacter(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x20 && code !== 0x0a) return true
  }
  return false
}

function malformed(what: string, options?: ErrorOptions): LedgerError {
  return new LedgerError('ERR_LEDGER_NOTE_MALFORMED', `signed note ${what}`, options)
}

function invalid(what: string): LedgerError {
  return new LedgerError('ERR_LEDGER_SIGNATURE_INVALID', `signed note ${what}`)
}
