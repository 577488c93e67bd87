import { importEd25519SigningKey } from '#crypto'
import { concatBytes, encodeUint64, encodeUtf8 } from './bytes.ts'
import { COSIGNATURE_TYPE, ED25519_TYPE, createVerifierKey, type VerifierKey } from './key.ts'
import { buildCosignedMessage, type NoteSignature } from './note.ts'

/** Signs note texts with one named Ed25519 key, signature type `0x01`. */
export interface NoteSigner {
  readonly key: VerifierKey
  /** Signs the note text, which includes its final newline. */
  sign(text: string): NoteSignature
}

/** Cosigns checkpoint texts with one named Ed25519 key, signature type `0x04`. */
export interface Cosigner {
  readonly key: VerifierKey
  /**
   * Signs "at this time this was the largest consistent tree that I have seen".
   *
   * @param timestamp - POSIX seconds.
   */
  sign(text: string, timestamp: bigint): NoteSignature
}

/**
 * Creates the signer of plain note signatures (C2SP signed-note, type `0x01`).
 *
 * @param name - Key name; a log uses its origin.
 * @param seed - Raw Ed25519 private key, 32 bytes: `d` of a JWK.
 */
export function createNoteSigner(name: string, seed: Uint8Array): NoteSigner {
  const signing = importEd25519SigningKey(seed)
  const key = createVerifierKey(name, ED25519_TYPE, signing.publicKey)
  return {
    key,
    sign: (text) => ({ name, id: key.id, signature: signing.sign(encodeUtf8(text)) }),
  }
}

/**
 * Creates the signer of timestamped cosignatures (C2SP tlog-cosignature, type `0x04`).
 *
 * @param name - Key name.
 * @param seed - Raw Ed25519 private key, 32 bytes: `d` of a JWK.
 */
export function createCosigner(name: string, seed: Uint8Array): Cosigner {
  const signing = importEd25519SigningKey(seed)
  const key = createVerifierKey(name, COSIGNATURE_TYPE, signing.publicKey)
  return {
    key,
    sign(text, timestamp) {
      const signature = signing.sign(buildCosignedMessage(text, timestamp))
      return { name, id: key.id, signature: concatBytes(encodeUint64(timestamp), signature) }
    },
  }
}
