import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type JsonPiece, JsonSplitter } from '../../src/store/json-splitter.ts'

function feed(splitter: JsonSplitter, text: string, size = text.length): JsonPiece[] {
  const bytes = Buffer.from(text)
  const pieces: JsonPiece[] = []
  for (let at = 0; at < bytes.length; at += size) {
    pieces.push(...splitter.feed(bytes.subarray(at, at + size), 1))
  }
  return pieces
}

function split(text: string, size?: number): unknown[] {
  const splitter = new JsonSplitter(1_000)
  const pieces = feed(splitter, text, size)
  expect(splitter).toMatchObject({ isOpen: false, isInList: false })
  return pieces.map((piece) =>
    piece.kind === 'value' ? JSON.parse(piece.bytes.toString()) : piece.kind,
  )
}

describe('splitting JSON values', () => {
  it('gives objects and strings one by one, however they are cut into chunks', () => {
    const value = fc.oneof(
      fc.string(),
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 }),
    )
    const values = fc.array(value, { maxLength: 5 })
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 40 }), fc.boolean(), (values, size, isList) => {
        const texts = values.map((value) => JSON.stringify(value))
        const text = isList ? `[${texts.join(', ')}]` : texts.join(' ')
        const expected = values.map((value) => JSON.parse(JSON.stringify(value)) as unknown)
        const isWrapper = values.some((value) => /^\{"(?:hits|results)/.test(JSON.stringify(value)))
        fc.pre(!isWrapper && text.length < 1_000)
        expect(split(text, size)).toEqual(expected)
      }),
    )
  })

  it('gives the hits of a response one by one, and the response without them', () => {
    const response = '{"took":1,"hits":{"total":{"value":2},"hits":[{"a":[1]},{"b":{}}]},"x":[2]}'
    expect(split(`${response}${response}`, 7)).toEqual([
      { a: [1] },
      { b: {} },
      { took: 1, hits: { total: { value: 2 }, hits: [] }, x: [2] },
      { a: [1] },
      { b: {} },
      { took: 1, hits: { total: { value: 2 }, hits: [] }, x: [2] },
    ])
    expect(split('{"preview":false,"results":[{"_raw":"x"}]}')).toEqual([
      { _raw: 'x' },
      { preview: false, results: [] },
    ])
  })

  it('tells of bytes between values once, and of values beyond the bound', () => {
    expect(split('{"a":1} garbage {"b":2}')).toEqual([{ a: 1 }, 'junk', { b: 2 }])
    expect(split(`{"a":"${'x'.repeat(2_000)}"}{"b":2}`)).toEqual(['long', { b: 2 }])
  })

  it('keeps no more than the bound of a value that has no end', () => {
    const splitter = new JsonSplitter(1_000)
    for (let i = 0; i < 100; i++) feed(splitter, 'x{"a":"'.repeat(100))
    expect(splitter.giveUp().length).toBeLessThanOrEqual(1_000)
    const nested = new JsonSplitter(1_000)
    feed(nested, '['.repeat(100_000))
    expect(nested.giveUp().length).toBeLessThanOrEqual(1_000)
  })

  it('goes on behind a value that was given up, in the same list', () => {
    const splitter = new JsonSplitter(1_000)
    feed(splitter, '[{"a":1},{"b":"tor')
    expect(splitter.giveUp().toString()).toBe('{"b":"tor')
    expect(feed(splitter, ',{"c":3}]')).toHaveLength(1)
    expect(splitter.isInList).toBe(false)
  })
})
