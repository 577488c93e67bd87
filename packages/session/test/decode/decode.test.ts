import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeRecord, encodeLogRecord, projectRecord } from '../../src/index.ts'
import { anyDraft } from '../arbitraries.ts'
import { codeOf } from '../codes.ts'
import { EXAMPLE_LOG, EXAMPLE_REQUEST, EXAMPLE_REQUEST_TEXT } from '../examples.ts'
import { attributesOf, parseLogRecord } from '../otlp.ts'

describe('decodeRecord', () => {
  it('gives the members of the example', () => {
    expect(decodeRecord(EXAMPLE_REQUEST_TEXT)).toEqual({
      ...EXAMPLE_REQUEST,
      v: 1,
      log: EXAMPLE_LOG,
      index: 17,
    })
  })

  it('gives what encodes to the same text, and a projection that is on the wire', () => {
    fc.assert(
      fc.property(anyDraft, fc.nat(), (draft, index) => {
        const encoded = encodeLogRecord(draft, EXAMPLE_LOG, index)
        const record = decodeRecord(encoded.text)
        expect(encodeLogRecord(record, record.log, record.index)).toStrictEqual(encoded)
        const { attributes, ...rest } = projectRecord(record)
        expect(attributesOf(encoded)).toEqual(attributes)
        expect(parseLogRecord(encoded)).toMatchObject(rest)
      }),
    )
  })

  it('has attributes without inherited names, and frozen', () => {
    const { attributes } = decodeRecord(EXAMPLE_REQUEST_TEXT)
    expect(attributes['constructor']).toBeUndefined()
    expect(Object.isFrozen(attributes)).toBe(true)
  })

  it.each<[string, string]>([
    ['nothing', ''],
    ['no JSON', '{"v":1'],
    ['no object', '[1]'],
    ['null', 'null'],
    ['a space', EXAMPLE_REQUEST_TEXT.replace('"v":1', '"v": 1')],
    ['a member twice', EXAMPLE_REQUEST_TEXT.replace('"v":1', '"v":1,"v":1')],
    ['another order', EXAMPLE_REQUEST_TEXT.replace('{"attributes"', '{"v":1,"attributes"')],
    ['an escape that is not needed', EXAMPLE_REQUEST_TEXT.replace('GET', '\\u0047ET')],
    ['a lone surrogate', EXAMPLE_REQUEST_TEXT.replace('GET', '\\ud800')],
    ['another layout', EXAMPLE_REQUEST_TEXT.replace('"v":1', '"v":2')],
    ['no index', EXAMPLE_REQUEST_TEXT.replace('"index":17,', '')],
    ['a negative index', EXAMPLE_REQUEST_TEXT.replace('"index":17', '"index":-1')],
    ['a fraction', EXAMPLE_REQUEST_TEXT.replace(':200', ':200.5')],
    ['a null attribute', EXAMPLE_REQUEST_TEXT.replace(':200', ':null')],
    ['a nested attribute', EXAMPLE_REQUEST_TEXT.replace(':200', ':{"a":1}')],
    ['an empty session', EXAMPLE_REQUEST_TEXT.replace('QaInQnUtCl_CHk5vEBVr8A', '')],
    ['a bad trace', EXAMPLE_REQUEST_TEXT.replace('4bf92f', '4BF92F')],
    ['a prototype', EXAMPLE_REQUEST_TEXT.replace('{"attributes"', '{"__proto__":{},"attributes"')],
    [
      'a foreign id',
      EXAMPLE_REQUEST_TEXT.replace('"user.hash"', '"log.record.uid":"x","user.hash"'),
    ],
    ['too much', EXAMPLE_REQUEST_TEXT.replace('GET', 'G'.repeat(8_000))],
    ['much depth', `{"a":${'['.repeat(3_900)}${']'.repeat(3_900)}}`],
    ['empty attributes', '{"attributes":{},"index":0,"log":"a","time":"1","type":"a.b","v":1}'],
  ])('refuses %s', (_, text) => {
    expect(codeOf(() => decodeRecord(text))).toBe('ERR_SESSION_RECORD_MALFORMED')
  })

  it('never quotes the text in an error', () => {
    const secret = 'c2VjcmV0'
    for (const text of [secret, `{"${secret}":1}`, `{"v":"${secret}"}`]) {
      expect(() => decodeRecord(text)).toThrow(
        expect.not.objectContaining({ message: expect.stringContaining(secret) as unknown }),
      )
    }
  })

  it('throws nothing but its own error, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(codeOf(() => decodeRecord(text))).toBe('ERR_SESSION_RECORD_MALFORMED')
      }),
    )
  })
})
