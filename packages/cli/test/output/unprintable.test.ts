import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { escapeUnprintable, formatJson } from '../../src/output/unprintable.ts'

const HOSTILE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

describe('text for a terminal', () => {
  it.each([
    ['\u001b[2J', '\\u001b[2J'],
    ['\u009b31m', '\\u009b31m'],
    ['a\r\nb\tc', 'a\\u000d\\u000ab\\u0009c'],
    ['\u202eecila', '\\u202eecila'],
    ['al\u200bice', 'al\\u200bice'],
    ['\u2028\u2029', '\\u2028\\u2029'],
    ['\u{e0041}', '\\udb40\\udc41'],
    ['\ud800', '\\ud800'],
    ['Zoë 東京 🙂', 'Zoë 東京 🙂'],
  ])('shows %j as %j', (text, shown) => {
    expect(escapeUnprintable(text)).toBe(shown)
  })

  it('holds no character that is not shown, whatever it is made of', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(escapeUnprintable(text)).not.toMatch(HOSTILE)
      }),
    )
  })
})

describe('JSON for a terminal', () => {
  it('holds no such character beside newlines, and parses to the same value', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.string()), (value) => {
        const text = formatJson(value)
        expect(text.replaceAll('\n', '')).not.toMatch(HOSTILE)
        expect(JSON.parse(text)).toEqual(value)
      }),
    )
  })

  it('escapes what JSON itself leaves as it is', () => {
    expect(formatJson('\u202e\u009b\u{e0041}')).toBe('"\\u202e\\u009b\\udb40\\udc41"\n')
  })
})
