const COLON = 0x3a
const BACKSLASH = 0x5c

/** Space, tab, line feed and carriage return: the white space of JSON. */
const SPACES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])

/**
 * Tells whether an object in a JSON text has a member twice. RFC 8259 §4 leaves open which of the
 * two counts, and readers differ, so what one shows another may not. The value keeps the last one,
 * so it has fewer names than the text.
 *
 * @param value - What `JSON.parse` made of the text.
 */
export function hasRepeatedName(value: unknown, text: string): boolean {
  return countNames(text) !== countMembers(value)
}

/** Strings of a JSON text that a colon follows. */
function countNames(text: string): number {
  let count = 0
  for (let at = text.indexOf('"'); at >= 0; at = text.indexOf('"', at + 1)) {
    at = text.indexOf('"', at + 1)
    while (isEscaped(text, at)) at = text.indexOf('"', at + 1)
    let next = at + 1
    while (SPACES.has(text.charCodeAt(next))) next++
    if (text.charCodeAt(next) === COLON) count++
  }
  return count
}

function isEscaped(text: string, at: number): boolean {
  let start = at
  while (text.charCodeAt(start - 1) === BACKSLASH) start--
  return (at - start) % 2 === 1
}

/** Members of all objects in a value, however deeply they are nested. */
function countMembers(value: unknown): number {
  let count = 0
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (Array.isArray(next)) {
      for (const item of next) if (typeof item === 'object') open.push(item)
      continue
    }
    // What JSON.parse has made has no members but its own, so this needs no list of them.
    for (const name in next as { readonly [name: string]: unknown } | null) {
      count++
      const member = (next as { readonly [name: string]: unknown })[name]
      if (typeof member === 'object') open.push(member)
    }
  }
  return count
}
