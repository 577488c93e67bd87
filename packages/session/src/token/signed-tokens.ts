import { createLru } from '../lru.ts'

/** A checksum of a text: 32 bits, unkeyed, such as `crc32` of `node:zlib`. */
export interface Checksum {
  (text: string): number
}

/**
 * What is known of signed tokens, found again without the token being kept or hashed. Owned by one
 * reader.
 */
export interface SignedTokens<Known> {
  /** @param token - One whose signature was found good. */
  find(token: string): Known | undefined
  /** @param token - One whose signature was found good. */
  add(token: string, known: Known): void
}

/** Characters at the end of a token that are looked at: 192 bits of its signature. */
const TAIL_LENGTH = 32

interface Entry<Known> {
  readonly checksum: number
  readonly length: number
  readonly known: Known
}

/**
 * Creates the table. A token is told from others by the end of its signature, and by length and
 * checksum of all of it. That is enough for tokens whose signature a library has found good, and
 * for no others: two of them with the same end would take whoever holds the issuer's key. The
 * checksum alone can be forged; it is there for an issuer that does not really sign.
 *
 * What is kept of a token is a part of its signature, with which nobody can do anything.
 *
 * @param maxEntries - An even integer of at least 2.
 */
export function createSignedTokens<Known>(
  maxEntries: number,
  checksum: Checksum,
): SignedTokens<Known> {
  const entries = createLru<string, Entry<Known>>(maxEntries)
  return {
    find(token) {
      const tail = token.slice(-TAIL_LENGTH)
      const entry = entries.get(tail)
      if (entry === undefined || entry.length !== token.length) return undefined
      return entry.checksum === checksum(token) ? entry.known : undefined
    },
    add(token, known) {
      const tail = token.slice(-TAIL_LENGTH)
      // Unsigned, or encrypted: it ends in a tag of 128 bits (RFC 7518 §5).
      if (tail.length < TAIL_LENGTH || tail.includes('.')) return
      // A slice would keep the whole token alive.
      const copy = [tail.slice(0, 16), tail.slice(16)].join('')
      entries.set(copy, { checksum: checksum(token), length: token.length, known })
    },
  }
}
