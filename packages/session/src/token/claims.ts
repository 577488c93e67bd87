import { MAX_ARRAY_ELEMENTS, MAX_STRING_BYTES } from '../bounds.ts'
import type { VerifiedClaims } from '../facts.ts'
import { utf8Length } from '../utf8.ts'

/** Last second of the year 9999, the end of what ISO 8601 writes with four digits. */
const MAX_NUMERIC_DATE = 253_402_300_799

/** One more than a record keeps, so that the encoder sees the cut and names it. */
const MAX_READ = MAX_ARRAY_ELEMENTS + 1

/** Reads a member that an object itself has: what a prototype says is nobody's claim. */
export function readOwn(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, name))
    return undefined
  return (object as { readonly [name: string]: unknown })[name]
}

/**
 * Reads a claim that tells one thing from another (issuer, subject, client, `sid`, `jti`): a
 * well-formed string of 1 to 1,024 bytes. Anything else is undefined, never cut or repaired,
 * because two different values must not become one.
 */
export function readText(value: unknown): string | undefined {
  if (typeof value !== 'string' || value === '' || value.length > MAX_STRING_BYTES) return undefined
  if (!value.isWellFormed() || utf8Length(value) > MAX_STRING_BYTES) return undefined
  return value
}

/** Reads a claim that is one string or a list of them (`aud`, RFC 7519 §4.1.3): strings only. */
export function readTexts(value: unknown): readonly string[] | undefined {
  const listed: readonly unknown[] = Array.isArray(value) ? value.slice(0, MAX_READ) : [value]
  return freezeUnlessEmpty(listed.filter((text) => typeof text === 'string' && text !== ''))
}

/** Reads scopes: one space-separated string (RFC 8693 §4.2) or a list (`scp` of some issuers). */
export function readScopes(value: unknown): readonly string[] | undefined {
  if (typeof value !== 'string') return readTexts(Array.isArray(value) ? value : undefined)
  return freezeUnlessEmpty(
    value
      .split(' ', MAX_READ * 2)
      .filter((scope) => scope !== '')
      .slice(0, MAX_READ),
  )
}

/** Reads a NumericDate (RFC 7519 §2) as whole seconds since 1970; undefined past the year 9999. */
export function readNumericDate(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(value >= 0 && value <= MAX_NUMERIC_DATE)) return undefined
  return Math.floor(value)
}

/** Formats whole seconds since 1970 as ISO 8601: `2026-11-23T21:40:00Z`. */
export function formatSeconds(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`
}

/** Reads the client: `client_id` (RFC 8693 §4.3), else `azp`, `cid` or `appid` of known issuers. */
export function readClientId(claims: VerifiedClaims): string | undefined {
  for (const name of ['client_id', 'azp', 'cid', 'appid']) {
    const client = readText(readOwn(claims, name))
    if (client !== undefined) return client
  }
  return undefined
}

function freezeUnlessEmpty(texts: readonly unknown[]): readonly string[] | undefined {
  return texts.length === 0 ? undefined : Object.freeze(texts as readonly string[])
}
