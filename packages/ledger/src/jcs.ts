/** A value that JCS writes without loss: what may stand in a record. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue }

/** Deepest nesting that {@link canonicalize} takes; a record has four levels. */
const MAX_DEPTH = 64

/**
 * Writes a value as canonical JSON (RFC 8785): members sorted by UTF-16 code units, numbers as
 * ECMAScript writes them, no whitespace. A member that is `undefined` is left out.
 *
 * @throws TypeError for NaN, Infinity, a lone surrogate (call `toWellFormed()` first), a value that
 *   JSON has no form for, and nesting deeper than 64.
 */
export function canonicalize(value: unknown): string {
  return write(value, 0)
}

function write(value: unknown, depth: number): string {
  if (typeof value === 'string') return writeString(value)
  if (typeof value === 'boolean' || value === null) return String(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('"value" must not hold NaN or Infinity')
    return JSON.stringify(value)
  }
  if (typeof value !== 'object') {
    throw new TypeError(`"value" must not hold a ${typeof value}`)
  }
  if (depth === MAX_DEPTH) throw new TypeError('"value" must not be nested deeper than 64')
  if (Array.isArray(value)) {
    return `[${value.map((item: unknown) => write(item, depth + 1)).join(',')}]`
  }
  return writeObject(value as Record<string, unknown>, depth)
}

function writeObject(value: Record<string, unknown>, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError('"value" must hold plain objects only')
  }
  let text = ''
  for (const name of Object.keys(value).sort()) {
    const member = value[name]
    if (member === undefined) continue
    text += `${text === '' ? '' : ','}${writeString(name)}:${write(member, depth + 1)}`
  }
  return `{${text}}`
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('"value" must not hold a lone surrogate')
  return JSON.stringify(text)
}
