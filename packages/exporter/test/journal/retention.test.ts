import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseExpired } from '../../src/journal/retention.ts'

const NOW = 1_000_000
const segment = fc.record({
  path: fc.string(),
  bytes: fc.integer({ min: 1, max: 1000 }),
  modifiedMillis: fc.integer({ min: 0, max: NOW }),
})

describe('what was delivered', () => {
  it('stays while it is young and within the bytes', () => {
    const segments = [{ path: 'a', bytes: 10, modifiedMillis: NOW - 5 }]
    expect(chooseExpired(segments, { retainMillis: 5, retainBytes: 10 }, NOW)).toEqual([])
    expect(chooseExpired(segments, { retainMillis: 4, retainBytes: 10 }, NOW)).toEqual(segments)
    expect(chooseExpired(segments, { retainMillis: 5, retainBytes: 9 }, NOW)).toEqual(segments)
  })

  it('goes oldest first, and no more of it than the limits ask for', () => {
    const limits = fc.record({ retainMillis: fc.nat(NOW), retainBytes: fc.nat(5000) })
    fc.assert(
      fc.property(fc.array(segment), limits, (found, limits) => {
        const segments = found.toSorted((a, b) => a.modifiedMillis - b.modifiedMillis)
        const expired = chooseExpired(segments, limits, NOW)
        expect(segments.slice(0, expired.length)).toEqual(expired)
        const kept = segments.slice(expired.length)
        expect(kept.every((one) => NOW - one.modifiedMillis <= limits.retainMillis)).toBe(true)
        const bytes = kept.reduce((sum, one) => sum + one.bytes, 0)
        expect(bytes).toBeLessThanOrEqual(limits.retainBytes)
        const last = expired.at(-1)
        const isNeeded =
          !last ||
          NOW - last.modifiedMillis > limits.retainMillis ||
          bytes + last.bytes > limits.retainBytes
        expect(isNeeded).toBe(true)
      }),
    )
  })
})
