/** An object that may be written to. */
export interface Members {
  [name: string]: unknown
}

/** Sets a member whose name comes from outside: no name may reach a prototype. */
export function setOwn(target: Members, name: string, value: unknown): void {
  if (name !== '__proto__') target[name] = value
  else {
    const own = { value, writable: true, enumerable: true, configurable: true }
    Object.defineProperty(target, name, own)
  }
}

/**
 * Adds a member that must be there once. Which of two a backend shows is its choice: if they differ
 * both are kept, so that one of them differs from the record.
 */
export function addOwn(target: Members, name: string, value: unknown): void {
  const held = target[name]
  const isHeld = held !== undefined && Object.hasOwn(target, name)
  setOwn(target, name, isHeld ? joinValues(held, value) : value)
}

/** Stands behind two values that differ: no list of ours has it. A third adds nothing to that. */
const AND_OTHERS = 'a member that is there several times'

function joinValues(held: unknown, value: unknown): unknown {
  if (Array.isArray(held) && held.at(-1) === AND_OTHERS) return held
  return isSameJson(held, value) ? held : [held, value, AND_OTHERS]
}

function isSameJson(one: unknown, other: unknown): boolean {
  try {
    return JSON.stringify(one) === JSON.stringify(other)
  } catch {
    // Nested so deeply that it cannot be written: no value of ours is.
    return false
  }
}

/** Tells whether a value is a JSON object. */
export function isObject(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
