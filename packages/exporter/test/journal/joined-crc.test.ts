import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readFrame } from '../../src/journal/frame.ts'
import { JoinedCrc } from '../../src/journal/joined-crc.ts'
import { frames } from '../support/journal-bytes.ts'

/** Frames as a journal has them: where each begins, and its wire bytes. */
function readAll(bytes: Buffer): { at: number; wire: Buffer }[] {
  const found: { at: number; wire: Buffer }[] = []
  for (let at = 0; at < bytes.length;) {
    const frame = readFrame(bytes, at, bytes.length)
    if (typeof frame === 'string') throw new Error(frame)
    found.push({ at, wire: bytes.subarray(frame.start, frame.end) })
    at = frame.end
  }
  return found
}

describe('the CRC of joined frames', () => {
  it('is that of their wire bytes with commas between', () => {
    const crc = new JoinedCrc()
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (texts) => {
        const bytes = frames(texts)
        const all = readAll(bytes)
        const joined = all.reduce(
          (sum, { at, wire }, order) => crc.append(sum, bytes, at, wire.length, order === 0),
          0,
        )
        expect(joined).toBe(crc32(all.map(({ wire }) => wire.toString()).join(',')))
      }),
    )
  })

  it('is another one for every single bit that is wrong, in heads as in wire bytes', () => {
    const crc = new JoinedCrc()
    const whole = frames(['one', 'another'])
    const all = readAll(whole)
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = Buffer.from(whole)
      const byte = Math.floor(bit / 8)
      bytes[byte] = (bytes[byte] ?? 0) ^ (1 << (bit % 8))
      const isLength = all.some(({ at }) => byte >= at && byte < at + 4)
      if (isLength) continue
      const wires = all.map(({ at, wire }) => bytes.subarray(at + 28, at + 28 + wire.length))
      const joined = all.reduce(
        (sum, { at, wire }, order) => crc.append(sum, bytes, at, wire.length, order === 0),
        0,
      )
      expect(joined).not.toBe(
        crc32(Buffer.concat([...wires.slice(0, 1), Buffer.from(','), ...wires.slice(1)])),
      )
    }
  })

  it('combines two pieces of any length', () => {
    const crc = new JoinedCrc()
    const piece = fc.uint8Array({ maxLength: 5_000 })
    fc.assert(
      fc.property(piece, piece, (one, other) => {
        const both = crc32(Buffer.concat([one, other]))
        expect(crc.combine(crc32(one), crc32(other), other.length)).toBe(both)
      }),
    )
  })
})
