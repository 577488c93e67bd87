import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLru } from '../src/lru.ts'

describe('a bounded table', () => {
  it('never holds more than its bound, and always the half that was used last', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(30), { maxLength: 200 }), (keys) => {
        const table = createLru<number, number>(8)
        const used: number[] = []
        for (const key of keys) {
          const value = table.get(key)
          if (value === undefined) table.set(key, key)
          used.push(key)
          expect(table.size).toBeLessThanOrEqual(8)
          for (const recent of [...new Set(used.toReversed())].slice(0, 4)) {
            expect(createProbe(keys, used.length).get(recent)).toBe(recent)
          }
        }
      }),
      { numRuns: 20 },
    )
  })

  it('gives the newest value of a key, and nothing after it was cleared', () => {
    const table = createLru<string, number>(2)
    table.set('a', 1)
    table.set('b', 1)
    table.set('a', 2)
    expect(table.get('a')).toBe(2)
    table.clear()
    expect(table.get('a')).toBeUndefined()
    expect(table.size).toBe(0)
  })

  it('refuses a bound that has no halves', () => {
    expect(() => createLru(3, 'maxTokens')).toThrow('"maxTokens" must be an even integer')
    expect(() => createLru(0)).toThrow(TypeError)
  })
})

/** The table after the first `count` uses, so that looking does not count as use. */
function createProbe(
  keys: readonly number[],
  count: number,
): ReturnType<typeof createLru<number, number>> {
  const table = createLru<number, number>(8)
  for (const key of keys.slice(0, count)) if (table.get(key) === undefined) table.set(key, key)
  return table
}
