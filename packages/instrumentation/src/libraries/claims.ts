import { CLAIM_NAMES, type VerifiedClaims } from '@tokentrail/session'

/** Bounds of what is copied; the recorder has narrower ones for what it keeps. */
const MAX_ELEMENTS = 64
const MAX_DEPTH = 6

const NAMES: ReadonlySet<string> = new Set(CLAIM_NAMES)

/**
 * Copies the claims that may be recorded, and nothing else, from a payload that the application
 * goes on using. Values keep their types; they are checked where a record is made.
 *
 * @param more - Further claims that the operator has named. Default is none.
 */
export function copyClaims(payload: unknown, more: readonly string[] = []): VerifiedClaims {
  const claims: Record<string, unknown> = {}
  if (!isObject(payload)) return claims
  // A token has a third of the names that there are.
  for (const name of Object.keys(payload)) {
    if (NAMES.has(name) || more.includes(name)) claims[name] = copyValue(payload[name], 0)
  }
  return claims
}

function copyValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth === MAX_DEPTH) return undefined
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ELEMENTS).map((element) => copyValue(element, depth + 1))
  }
  const entries = Object.entries(value).slice(0, MAX_ELEMENTS)
  return Object.fromEntries(entries.map(([name, member]) => [name, copyValue(member, depth + 1)]))
}

/** Whether a value is an object whose members can be read by name. */
export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
