import { describe, expect, it } from 'vitest'
import { frameText } from '../../src/journal/frame.ts'
import { scanFrames } from '../../src/journal/scan.ts'
import { frames } from '../support/journal-bytes.ts'

const TEXTS = ['first', 'second', 'third']

function scan(bytes: Buffer) {
  const texts: string[] = []
  const lost: string[] = []
  for (const found of scanFrames(bytes, 0, 0)) {
    if (found.type === 'frame') texts.push(frameText(bytes, found.frame))
    else lost.push(found.type)
  }
  return { texts, lost }
}

describe('scanning a journal', () => {
  const bytes = frames(TEXTS)

  it('finds every frame of an undamaged one', () => {
    expect(scan(bytes)).toEqual({ texts: TEXTS, lost: [] })
  })

  it('finds the longest prefix at every truncation, and says where it is torn', () => {
    const ends = [1, 2, 3].map((count) => frames(TEXTS.slice(0, count)).length)
    for (let length = 0; length <= bytes.length; length++) {
      const whole = ends.filter((end) => end <= length).length
      const isTorn = length !== 0 && !ends.includes(length)
      expect(scan(bytes.subarray(0, length))).toEqual({
        texts: TEXTS.slice(0, whole),
        lost: isTorn ? ['tail'] : [],
      })
    }
  })

  it('loses one record to any flipped bit, reports it, and never yields a wrong one', () => {
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      const { texts, lost } = scan(flipped)
      expect(texts).toHaveLength(2)
      expect(texts.every((text) => TEXTS.includes(text))).toBe(true)
      expect(lost).toHaveLength(1)
    }
  })

  it('takes zeros at the end for a torn write', () => {
    const padded = Buffer.concat([bytes, Buffer.alloc(100)])
    expect(scan(padded)).toEqual({ texts: TEXTS, lost: ['tail'] })
  })
})
