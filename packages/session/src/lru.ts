/** A bounded table that forgets what was used longest ago. Not shared between owners. */
export interface Lru<Key, Value> {
  get(key: Key): Value | undefined
  set(key: Key, value: Value): void
  delete(key: Key): void
  clear(): void
  readonly size: number
}

/**
 * Creates a bounded table. A `Map` keeps insertion order, so an entry that is used goes to the end
 * and the first one is the oldest.
 *
 * @param maxEntries - At least 1.
 */
export function createLru<Key, Value>(maxEntries: number): Lru<Key, Value> {
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1) {
    throw new TypeError('"maxEntries" must be an integer of at least 1')
  }
  const entries = new Map<Key, Value>()
  return {
    get(key) {
      const value = entries.get(key)
      // Moving costs two map operations, so it starts when the table is half full.
      if (value !== undefined && entries.size * 2 > maxEntries) {
        entries.delete(key)
        entries.set(key, value)
      }
      return value
    },
    set(key, value) {
      entries.delete(key)
      if (entries.size >= maxEntries) {
        const oldest = entries.keys().next()
        if (oldest.done !== true) entries.delete(oldest.value)
      }
      entries.set(key, value)
    },
    delete: (key) => void entries.delete(key),
    clear: () => entries.clear(),
    get size() {
      return entries.size
    },
  }
}
