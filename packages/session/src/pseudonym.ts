import { PLAIN } from './encode/fragment.ts'
import { createLru, type Lru } from './lru.ts'

/**
 * A keyed hash as a parameter: HMAC-SHA-256 of the UTF-8 bytes of `data` under the pseudonym key,
 * as base64url without padding (43 characters).
 */
export interface Hmac {
  (data: string): string
}

/** What a pseudonym stands for; part of what is hashed, so equal values of two kinds differ. */
export type PseudonymKind =
  'sub' | 'sid' | 'grant' | 'token' | 'key' | 'address' | 'user_agent' | 'path'

/** Makes the keyed pseudonyms of one pseudonym key. */
export interface Pseudonymizer {
  /** Id and epoch of the key as identity records name it: {@link formatPseudonymKey}. */
  readonly key: string
  /** Id of the key, as `log.open` names it. */
  readonly keyId: string
  /** Epoch of the key, as `log.open` names it. */
  readonly epoch: number

  /**
   * Gives the pseudonym of a value: the first 16 bytes of HMAC-SHA-256 over JCS `[kind, issuer,
   * value]`, 22 characters of base64url.
   *
   * @param issuer - For `sub`, `sid` and `grant`; `""` for the other kinds, whose values mean the
   *   same whoever issued the token.
   */
  pseudonymOf(kind: PseudonymKind, issuer: string, value: string): string

  /** Gives the session key over JCS `["session", ...parts]`; see {@link sessionKey}. */
  sessionKeyOf(parts: readonly string[]): string
}

/** Options of {@link createPseudonymizer}. */
export interface PseudonymizerOptions {
  readonly hmac: Hmac
  /** Id of the pseudonym key, at most 128 characters. */
  readonly keyId: string
  /** Epoch of the pseudonym key: an integer of at least 1. Default is 1. */
  readonly epoch?: number
  /**
   * Most remembered pseudonyms of each kind that repeats (address, user agent, subject, `sid`), an
   * even number. Default is 4096, about 2 MB in all when full.
   */
  readonly maxCachedPerKind?: number
}

/**
 * Kinds whose pseudonyms are remembered. Tokens are not: the table would keep thousands of live
 * credentials in memory (a heap dump would hold them all), and finding an 800-character token in it
 * takes 1.3 µs by itself, because the string hash of a header is computed anew for every request.
 * Signed ones that were found good are found again without that: `token/signed-tokens.ts`.
 */
const CACHED: readonly PseudonymKind[] = ['sub', 'sid', 'address', 'user_agent']

/** Longest value that is remembered; longer ones are hashed each time. */
const MAX_CACHED_LENGTH = 512

/**
 * Creates the pseudonyms of one key.
 *
 * @example
 *   Test vector (key: 32 bytes of 0x01)
 *
 *   ```ts
 *   const hmac = (data: string) => createHmac('sha256', Buffer.alloc(32, 1)).update(data).digest('base64url')
 *   createPseudonymizer({ hmac, keyId: 'k1' }).pseudonymOf('sub', 'https://as.example.com', 'alice')
 *   ```
 */
export function createPseudonymizer(options: PseudonymizerOptions): Pseudonymizer {
  const { hmac, keyId, epoch = 1, maxCachedPerKind = 4096 } = options
  if (typeof hmac !== 'function') throw new TypeError('"hmac" must be a function')
  const key = formatPseudonymKey(keyId, epoch)
  const newCaches = (): ReadonlyMap<PseudonymKind, Lru<string, string>> =>
    new Map(
      CACHED.map((kind) => [kind, createLru<string, string>(maxCachedPerKind, 'maxCachedPerKind')]),
    )
  const caches = { unissued: newCaches(), issued: newCaches() }
  const digest = (parts: readonly string[]): string => toPseudonym(hmac(toJsonArray(parts)))

  return {
    key,
    keyId,
    epoch,
    pseudonymOf(kind, issuer, value) {
      const cache = caches[issuer === '' ? 'unissued' : 'issued'].get(kind)
      if (cache === undefined || value.length > MAX_CACHED_LENGTH) {
        return digest([kind, issuer, value])
      }
      // The issuer's length stands first, so that no issuer and value look like another pair.
      const entry = issuer === '' ? value : `${issuer.length} ${issuer}${value}`
      const known = cache.get(entry)
      if (known !== undefined) return known
      const pseudonym = digest([kind, issuer, value])
      cache.set(entry, pseudonym)
      return pseudonym
    },
    sessionKeyOf: (parts) => digest(['session', ...parts]),
  }
}

/**
 * Formats the reference to a pseudonym key as identity records carry it: `<id>.<epoch>`.
 *
 * @param keyId - 1 to 128 printable ASCII characters without spaces.
 * @param epoch - An integer of at least 1.
 */
export function formatPseudonymKey(keyId: string, epoch: number): string {
  if (typeof keyId !== 'string' || !/^[!-~]{1,128}$/.test(keyId)) {
    throw new TypeError('"keyId" must be 1 to 128 printable ASCII characters')
  }
  if (!Number.isSafeInteger(epoch) || epoch < 1) {
    throw new TypeError('"epoch" must be an integer of at least 1')
  }
  return `${keyId}.${epoch}`
}

/**
 * Strings in JSON are the same in RFC 8785; one that needs no escape, as every token, is not
 * scanned twice.
 */
function toJsonArray(parts: readonly string[]): string {
  let json = ''
  for (const part of parts) {
    const quoted = PLAIN.test(part) ? `"${part}"` : JSON.stringify(part.toWellFormed())
    json += json === '' ? `[${quoted}` : `,${quoted}`
  }
  return `${json}]`
}

/** The last of 22 characters holds two bits of the 16th byte; the other four are padding. */
const LAST = { first: 'ABCDEFGHIJKLMNOP', second: 'QRSTUVWXYZabcdef', third: 'ghijklmnopqrstuv' }

function toPseudonym(mac: string): string {
  if (mac.length !== 43) throw new TypeError('"hmac" must return 32 bytes as base64url')
  const last = mac.charAt(21)
  const padded = LAST.first.includes(last)
    ? 'A'
    : LAST.second.includes(last)
      ? 'Q'
      : LAST.third.includes(last)
        ? 'g'
        : 'w'
  return mac.slice(0, 21) + padded
}
