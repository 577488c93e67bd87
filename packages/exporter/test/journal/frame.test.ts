import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameWriter, MAX_WIRE_BYTES, frameText, readFrame } from '../../src/journal/frame.ts'
import { frames, wire } from '../support/journal-bytes.ts'

const index = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER })
const kind = fc.constantFrom('record' as const, 'identity' as const)

describe('a frame', () => {
  it('is read back as it was written, whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), index, kind, (text, index, kind) => {
        const writer = new FrameWriter()
        writer.add({ kind, index, ...wire(text) })
        const frame = readFrame(writer.bytes, 0, writer.length)
        if (typeof frame === 'string') throw new Error(frame)
        expect(frame).toMatchObject({ kind, index, end: writer.length })
        expect(frameText(writer.bytes, frame)).toBe(text)
        expect(writer.bytes.toString('utf8', frame.start, frame.end)).toBe(wire(text).json)
      }),
    )
  })

  it('has the bytes that its format says', () => {
    const writer = new FrameWriter()
    writer.add({
      kind: 'record',
      index: 0x1_0000_0002,
      json: '{"b":"é"}',
      textStart: 6,
      textEnd: 8,
    })
    expect(writer.bytes.toString('hex')).toBe(
      [
        '16000000', // 12 + 10 bytes
        '74aecdb5', // CRC-32 of everything behind it
        '0200000001000000',
        '01010000', // record, OTLP/JSON
        '06000000', // text offset
        '02000000', // text length
        Buffer.from('{"b":"é"}').toString('hex'),
      ].join(''),
    )
  })

  it('is short at every truncation, and never another frame', () => {
    const bytes = frames(['a small text'])
    for (let end = 0; end < bytes.length; end++) {
      expect(readFrame(bytes, 0, end)).toBe('short')
    }
  })

  it('is refused with any single bit flipped', () => {
    const bytes = frames(['a small text'])
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const flipped = Buffer.from(bytes)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(typeof readFrame(flipped, 0, flipped.length)).toBe('string')
    }
  })

  it('is refused when its record is too large', () => {
    const writer = new FrameWriter()
    const json = 'x'.repeat(MAX_WIRE_BYTES + 1)
    expect(() => writer.add({ kind: 'record', index: 0, json, textStart: 0, textEnd: 1 })).toThrow(
      RangeError,
    )
    expect(writer.length).toBe(0)
  })
})
