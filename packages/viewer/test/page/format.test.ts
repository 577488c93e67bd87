import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  compareDecimal,
  countBytes,
  formatCount,
  formatPlural,
  shortenHash,
} from '../../page/src/format.ts'

describe('formatPlural', () => {
  it('agrees in number', () => {
    expect(formatPlural(0, 'record')).toBe('0 records')
    expect(formatPlural(1, 'record')).toBe('1 record')
    expect(formatPlural(12_345, 'hash', 'hashes')).toBe('12,345 hashes')
  })
})

describe('formatCount', () => {
  it('separates thousands', () => {
    expect(formatCount(5_000_000)).toBe('5,000,000')
  })
})

describe('shortenHash', () => {
  it('keeps both ends of a long hash and all of a short one', () => {
    expect(shortenHash('be219d6558b3074843256d4f1b7fb0f0')).toBe('be219d65…1b7fb0f0')
    expect(shortenHash('LtSEX2B5_TR7pxGC0')).toBe('LtSEX2B5_TR7pxGC0')
  })
})

describe('countBytes', () => {
  it('counts bytes, not characters', () => {
    expect(countBytes('naïve €')).toBe(10)
  })
})

describe('compareDecimal', () => {
  it('orders as the numbers do, beyond what a double can hold', () => {
    const decimal = fc.bigInt({ min: 0n, max: 2n ** 63n })
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const expected = a < b ? -1 : Number(a > b)
        expect(Math.sign(compareDecimal(String(a), String(b)))).toBe(expected)
      }),
    )
  })
})
