import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeSegmentHeader,
  encodeSegmentHeader,
  formatSegmentName,
  parseSegmentName,
} from '../../src/journal/segment.ts'

const header = fc.record({
  log: fc.uuid({ version: 7 }),
  firstIndex: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
})

describe('the head of a segment', () => {
  it('is read back as it was written', () => {
    fc.assert(
      fc.property(header, (header) => {
        expect(decodeSegmentHeader(encodeSegmentHeader(header))).toEqual(header)
      }),
    )
  })

  it('is refused with any single bit flipped, and when it is short', () => {
    const bytes = encodeSegmentHeader({
      log: '01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94',
      firstIndex: 7,
    })
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(decodeSegmentHeader(flipped)).toBeUndefined()
    }
    expect(decodeSegmentHeader(bytes.subarray(0, 63))).toBeUndefined()
  })
})

describe('the name of a segment', () => {
  it('is parsed as it was formatted, and sorts by its first index', () => {
    const index = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
    fc.assert(
      fc.property(index, index, (a, b) => {
        expect(parseSegmentName(formatSegmentName(a))).toBe(a)
        expect(formatSegmentName(a) < formatSegmentName(b)).toBe(a < b)
      }),
    )
  })

  it.each(['0.seg', '0000000000000000.seg.torn', '000000000000000G.seg', 'ffffffffffffffff.seg'])(
    'is not %s',
    (name) => {
      expect(parseSegmentName(name)).toBeUndefined()
    },
  )
})
