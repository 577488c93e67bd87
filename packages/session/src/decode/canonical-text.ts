import { canonicalize } from '@tokentrail/ledger'
import { MAX_RECORD_BYTES } from '../bounds.ts'
import { SessionError } from '../errors.ts'
import type { RecordValue } from '../record.ts'
import { utf8Length } from '../utf8.ts'

/**
 * Parses a text that must be one canonical JSON object (RFC 8785) of at most 8,000 bytes. Comparing
 * with what canonicalization gives refuses duplicate members, other orders, escapes and numbers,
 * lone surrogates and nesting beyond 64 at once.
 *
 * @throws {@link SessionError} `ERR_SESSION_RECORD_MALFORMED`.
 */
export function parseCanonical(text: string): ReadonlyMap<string, RecordValue> {
  if (
    typeof text !== 'string' ||
    text.length > MAX_RECORD_BYTES ||
    utf8Length(text) > MAX_RECORD_BYTES
  ) {
    throw malformed(`must be a string of at most ${MAX_RECORD_BYTES} bytes`)
  }
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw malformed('must be a JSON object')
  }
  if (!isCanonical(value, text)) throw malformed('must be canonical JSON (RFC 8785)')
  if (!hasOnlyIntegers(value as RecordValue)) {
    throw malformed('must hold no number but integers of at most 2^53-1')
  }
  return new Map(Object.entries(value as { readonly [name: string]: RecordValue }))
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The engine's message quotes the text, so it is not passed on.
    throw malformed('must be JSON')
  }
}

function isCanonical(value: object, text: string): boolean {
  try {
    return canonicalize(value) === text
  } catch {
    return false
  }
}

/** Recursive: canonicalization has bounded the depth before. */
function hasOnlyIntegers(value: RecordValue): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every(hasOnlyIntegers)
}

function malformed(expected: string): SessionError {
  return new SessionError('ERR_SESSION_RECORD_MALFORMED', `record text ${expected}`)
}
