import { sha256, sha256Binary, sha256Into } from '#crypto'
import { concatBytes, encodeUtf8 } from './bytes.ts'

/** Length of every hash of the tree, in bytes. */
export const HASH_BYTES = 32

const LEAF_PREFIX = Uint8Array.of(0x00)
const NODE_PREFIX = Uint8Array.of(0x01)

/** Hashes one leaf of the tree: `SHA-256(0x00 || data)`; a string as its UTF-8 (RFC 6962 §2.1). */
export function hashLeaf(data: Uint8Array | string): Uint8Array {
  // U+0000 is the byte 0x00 in UTF-8: one native call instead of encode, copy and hash.
  if (typeof data === 'string') return sha256(`\u0000${data}`)
  return sha256(concatBytes(LEAF_PREFIX, data))
}

/** Hashes an inner node: `SHA-256(0x01 || left || right)` (RFC 6962 §2.1). */
export function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256(concatBytes(NODE_PREFIX, left, right))
}

/** Hashes a leaf's text as {@link hashLeaf} does and writes the 32 bytes into `target`: faster. */
export function hashLeafInto(text: string, target: Uint8Array, offset: number): void {
  sha256Into(`\u0000${text}`, target, offset)
}

/** Hashes a leaf's text as {@link hashLeaf} does: the digest as a string, a code unit for each byte. */
export function digestLeaf(text: string): string {
  return sha256Binary(`\u0000${text}`)
}

/** The same for a text in bytes, which the caller has put behind the prefix 0x00. */
export function digestPrefixedLeaf(bytes: Uint8Array): string {
  return sha256Binary(bytes)
}

/** Root of the tree without leaves: `SHA-256("")`. */
export function emptyRoot(): Uint8Array {
  return sha256(encodeUtf8(''))
}
