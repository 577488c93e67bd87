import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { createTimeFormat, formatAge, formatDuration, parseMoment } from '../../page/src/time.ts'

describe('parseMoment', () => {
  it('reads nanoseconds and keeps every digit in the UTC text', () => {
    expect(parseMoment('1795470000123456789')).toEqual({
      millis: 1_795_470_000_123,
      utc: '2026-11-23T21:40:00.123456789Z',
    })
  })

  it('reads the ISO times that tokens carry', () => {
    expect(parseMoment('2026-11-23T22:38:00Z')).toEqual({
      millis: Date.UTC(2026, 10, 23, 22, 38),
      utc: '2026-11-23T22:38:00.000Z',
    })
  })

  it('refuses what is no time', () => {
    for (const text of ['', 'soon', '-1', '1e9', '12345678901234567890']) {
      expect({ text, moment: parseMoment(text) }).toEqual({ text, moment: null })
    }
  })

  it('loses no nanosecond of any time', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 9_223_372_036_854_775_807n }), (nanos) => {
        const utc = parseMoment(String(nanos))?.utc ?? ''
        const [whole = '', fraction = ''] = utc.slice(0, -1).split('.')
        expect(BigInt(Date.parse(`${whole}Z`)) * 1_000_000n + BigInt(fraction)).toBe(nanos)
      }),
    )
  })
})

describe('createTimeFormat', () => {
  const format = createTimeFormat({ locale: 'en-GB', timeZone: 'Europe/Berlin' })
  const moment = parseMoment('1795470000123456789')!

  it('leaves the date out today and the year out this year', () => {
    expect(format.short(moment, moment.millis)).toBe('22:40:00')
    expect(format.short(moment, Date.UTC(2026, 11, 24))).toBe('23 Nov 22:40:00')
    expect(format.short(moment, Date.UTC(2027, 5, 1))).toBe('23 Nov 2026 22:40:00')
  })

  it('gives milliseconds where there is room', () => {
    expect(format.long(moment)).toBe('23 Nov 2026, 22:40:00.123')
  })
})

describe('formatDuration', () => {
  it('names the two largest units', () => {
    expect(formatDuration(0)).toBe('0 s')
    expect(formatDuration(440)).toBe('0.4 s')
    expect(formatDuration(12_900)).toBe('12 s')
    expect(formatDuration(185_000)).toBe('3 min 5 s')
    expect(formatDuration(7_800_000)).toBe('2 h 10 min')
    expect(formatDuration(7_200_000)).toBe('2 h')
    expect(formatDuration(180_000_000)).toBe('2 d 2 h')
  })

  it('calls time that runs backwards none', () => {
    expect(formatDuration(-5_000)).toBe('0 s')
  })
})

describe('formatAge', () => {
  const moment = { millis: 1_000_000, utc: '' }

  it('names the largest unit alone, so that a table stays calm', () => {
    expect(formatAge(moment, 1_001_999)).toBe('now')
    expect(formatAge(moment, 1_003_500)).toBe('3 s ago')
    expect(formatAge(moment, 1_185_000)).toBe('3 min ago')
  })

  it('calls a moment that lies ahead by a wrong clock now', () => {
    expect(formatAge(moment, 900_000)).toBe('now')
  })
})
