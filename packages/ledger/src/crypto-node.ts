import { Buffer } from 'node:buffer'
import { createPrivateKey, createPublicKey, hash, sign, verify } from 'node:crypto'

/** Hashes bytes, or the UTF-8 form of a string, with SHA-256: 32 bytes. */
export function sha256(data: Uint8Array | string): Uint8Array {
  return hash('sha256', data, 'buffer')
}

/**
 * Hashes like {@link sha256}; the digest is a string of 32 code units, each a byte, which is three
 * times as fast as a Buffer (0.3 against 0.8 µs for 65 bytes).
 */
export function sha256Binary(data: Uint8Array | string): string {
  return hash('sha256', data, 'binary')
}

/** Hashes like {@link sha256} and writes the 32 bytes into `target`. */
export function sha256Into(data: Uint8Array | string, target: Uint8Array, offset: number): void {
  const digest = sha256Binary(data)
  for (let i = 0; i < 32; i++) target[offset + i] = digest.charCodeAt(i)
}

/** Length of a string in UTF-8, in bytes; a lone surrogate counts as U+FFFD. */
export function utf8Length(text: string): number {
  return Buffer.byteLength(text)
}

/** The two alphabets of RFC 4648, as `node:buffer` names them; `base64url` is without padding. */
export type Base64Alphabet = 'base64' | 'base64url'

/** Encodes bytes as base64. */
export function encodeBase64(bytes: Uint8Array, alphabet: Base64Alphabet): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(alphabet)
}

/** Decodes base64 in any form, damaged or not: a quarter of what a loop over the characters takes. */
export function decodeBase64(text: string, alphabet: Base64Alphabet): Uint8Array {
  return new Uint8Array(Buffer.from(text, alphabet))
}

/** An Ed25519 private key (RFC 8032) ready to sign. */
export interface Ed25519SigningKey {
  /** Raw public key, 32 bytes. */
  readonly publicKey: Uint8Array
  /** Returns the 64-byte signature over `message`. */
  sign(message: Uint8Array): Uint8Array
}

/** Checks a 64-byte Ed25519 signature over a message. */
export interface Ed25519Verify {
  (message: Uint8Array, signature: Uint8Array): boolean
}

// DER in front of a raw Ed25519 key: PKCS #8 and SubjectPublicKeyInfo of RFC 8410 §7 and §4.
const PKCS8_PREFIX = Uint8Array.of(48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32)
const SPKI_PREFIX = Uint8Array.of(48, 42, 48, 5, 6, 3, 43, 101, 112, 3, 33, 0)

/** Imports a raw 32-byte Ed25519 seed. */
export function importEd25519SigningKey(seed: Uint8Array): Ed25519SigningKey {
  if (seed.length !== 32) throw new TypeError('"seed" must be 32 bytes')
  const der = Buffer.concat([PKCS8_PREFIX, seed])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' })
  return {
    publicKey: new Uint8Array(spki.subarray(SPKI_PREFIX.length)),
    sign: (message) => sign(null, message, key),
  }
}

/** Imports a raw 32-byte Ed25519 public key. */
export function importEd25519PublicKey(publicKey: Uint8Array): Ed25519Verify {
  if (publicKey.length !== 32) throw new TypeError('"publicKey" must be 32 bytes')
  const der = Buffer.concat([SPKI_PREFIX, publicKey])
  const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
  return (message, signature) => signature.length === 64 && verify(null, message, key, signature)
}
