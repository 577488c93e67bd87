import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { indentJson, tokenizeJson } from '../../page/src/json-tokens.ts'

const joined = (text: string) =>
  tokenizeJson(text)
    .map((token) => token.text)
    .join('')

describe('tokenizeJson', () => {
  it('loses nothing of any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => {
        expect(joined(text)).toBe(text)
      }),
    )
  })

  it('tells keys, strings, numbers and words apart', () => {
    const kinds = tokenizeJson('{"a":"b:c","n":-1.5e3,"t":[true,null]}')
      .filter((token) => token.kind !== 'plain')
      .map((token) => `${token.kind} ${token.text}`)
    expect(kinds).toEqual([
      'key "a"',
      'string "b:c"',
      'key "n"',
      'number -1.5e3',
      'key "t"',
      'word true',
      'word null',
    ])
  })

  it('is not led astray by an escaped quote', () => {
    const [, token] = tokenizeJson('["a\\":1"]')
    expect(token).toEqual({ kind: 'string', text: '"a\\":1"' })
  })
})

describe('indentJson', () => {
  it('lays JSON out and leaves anything else alone', () => {
    expect(indentJson('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}')
    expect(indentJson('{"a":')).toBe('{"a":')
  })
})
