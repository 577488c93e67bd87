import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  andBitmap,
  andNotBitmap,
  buildFullBitmap,
  CHUNK_RECORDS,
  countBits,
  createBitmap,
  eachOffsetDescending,
  encodePostings,
  orPostings,
  type Bitmap,
} from '../../src/store/bitmap.ts'

const offsets = fc
  .uniqueArray(fc.nat({ max: CHUNK_RECORDS - 1 }), { maxLength: 3000 })
  .map((list) => list.sort((a, b) => a - b))

function toBitmap(list: readonly number[]): Bitmap {
  const bitmap = createBitmap()
  orPostings(bitmap, encodePostings(list))
  return bitmap
}

function toList(bitmap: Bitmap): readonly number[] {
  const list: number[] = []
  eachOffsetDescending(bitmap, (offset) => list.push(offset) > 0)
  return list.toReversed()
}

describe('a bitmap', () => {
  it('holds exactly the offsets that were encoded', () => {
    fc.assert(
      fc.property(offsets, (list) => {
        expect(toList(toBitmap(list))).toEqual(list)
      }),
    )
  })

  it('combines like sets', () => {
    fc.assert(
      fc.property(offsets, offsets, (a, b) => {
        const both = toBitmap(a)
        andBitmap(both, toBitmap(b))
        const onlyA = toBitmap(a)
        andNotBitmap(onlyA, toBitmap(b))
        const inB = new Set(b)
        expect(toList(both)).toEqual(a.filter((offset) => inB.has(offset)))
        expect(toList(onlyA)).toEqual(a.filter((offset) => !inB.has(offset)))
        expect(countBits(both) + countBits(onlyA)).toBe(a.length)
      }),
    )
  })

  it.each([0, 1, 31, 32, 33, 16_383, CHUNK_RECORDS])('has its first %i bits set', (count) => {
    const bitmap = buildFullBitmap(count)
    expect(countBits(bitmap)).toBe(count)
    expect(toList(bitmap).at(-1) ?? -1).toBe(count - 1)
  })

  it('stores many offsets as bits and few as a list', () => {
    const every = Array.from({ length: CHUNK_RECORDS }, (_, offset) => offset)
    expect(encodePostings(every)).toHaveLength(CHUNK_RECORDS / 8)
    expect(encodePostings([5])).toHaveLength(2)
  })
})
