import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CanonicalScanner } from '../src/verify/canonical-scanner.ts'
import { readRecordText, toHead, type RecordHead } from '../src/verify/record-text.ts'
import { canonicalize } from '../src/index.ts'
import { buildTestLog } from './log-builder.ts'

const scanner = new CanonicalScanner()

/** The head as the slow way finds it, without what only the quick one knows. */
function readSlowly(text: string): RecordHead | undefined {
  const reading = readRecordText(text)
  return reading.status === 'record' ? toHead(reading.record) : undefined
}

const attributes = fc.dictionary(
  fc.string({ maxLength: 6, unit: 'grapheme' }),
  fc.oneof(
    fc.string({ maxLength: 8, unit: 'grapheme' }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.array(fc.string({ maxLength: 4 }), { maxLength: 3 }),
    fc.constant(null),
  ),
  { maxKeys: 5 },
)
const record = fc.record(
  {
    v: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer()),
    log: fc.string({ maxLength: 6 }),
    index: fc.oneof(
      { weight: 5, arbitrary: fc.nat() },
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constant('1'),
    ),
    type: fc.string({ maxLength: 6 }),
    time: fc.oneof(fc.nat().map(String), fc.string({ maxLength: 3 })),
    session: fc.string({ maxLength: 4 }),
    observed: fc.nat().map(String),
    trace: fc.string({ maxLength: 4 }),
    leaves: fc.string({ maxLength: 4 }),
    attributes,
  },
  { requiredKeys: ['v', 'log', 'index', 'type', 'time'] },
)

/** Do both ways say the same, or does the quick one say nothing? */
function isAgreed(text: string): boolean {
  const quick = scanner.scan(text)
  if (quick === undefined) return true
  const slow = readSlowly(text)
  return isDeepStrictEqual(quick, { ...slow, attributesAt: quick.attributesAt })
}

describe('the quick way of reading a record', () => {
  test('takes what a recorder writes', async () => {
    for (const text of (await buildTestLog()).texts.filter((text) => !text.includes('\\n'))) {
      const quick = scanner.scan(text)
      expect(quick).toEqual({ ...readSlowly(text), attributesAt: quick?.attributesAt })
      const at = text.indexOf('"attributes":{')
      expect(quick?.attributesAt).toBe(at < 0 ? 0 : at + '"attributes":{'.length)
    }
  })

  test('never says more than the slow way, whatever the record', () => {
    const property = fc.property(
      record,
      (value) => isAgreed(canonicalize(value)) && isAgreed(JSON.stringify(value)),
    )
    expect(fc.check(property, { numRuns: 500 }).counterexample).toBeNull()
  })

  test('never takes a text that the slow way refuses, whatever was done to it', () => {
    const mutation = fc.record({
      at: fc.nat(),
      drop: fc.nat({ max: 2 }),
      put: fc.string({ maxLength: 2 }),
    })
    const property = fc.property(record, mutation, (value, { at, drop, put }) => {
      const text = canonicalize(value)
      const place = at % (text.length + 1)
      return isAgreed(text.slice(0, place) + put + text.slice(place + drop))
    })
    expect(fc.check(property, { numRuns: 1_000 }).counterexample).toBeNull()
  })

  const good = '{"index":1,"log":"a","time":"1","type":"b","v":1}'
  test.each([
    ['', 'nothing'],
    [`${good} `, 'whitespace behind'],
    [good.replace(':1,', ': 1,'), 'whitespace inside'],
    [good.replace('1,', '01,'), 'a leading zero'],
    [good.replace('1,', '-0,'), 'minus zero'],
    [good.replace('1,', '1.0,'), 'a fraction'],
    [good.replace('1,', '9007199254740993,'), 'an unsafe integer'],
    [good.replace('"log":"a","time"', '"time":"1","log":"a","x"'), 'members out of order'],
    [good.replace('"log":"a"', '"log":"a","log":"a"'), 'a repeated member'],
    [good.replace('"v":1', '"v":2'), 'another layout'],
    [good.replace('"time":"1"', '"time":"01"'), 'a time with a leading zero'],
    [good.slice(0, -1), 'no end'],
    [good.replace('"b"', '"b'), 'an open string'],
    [good.replace('"a"', '"\u0001"'), 'a control character'],
    [good.replace('"a"', '"\ud800"'), 'a lone surrogate'],
    [`[${good}]`, 'an array'],
  ])('%s is left to the slow way, which refuses it: %s', (text) => {
    expect(scanner.scan(text)).toBeUndefined()
    expect(readSlowly(text)).toBeUndefined()
  })

  test('deep nesting is left to the slow way', () => {
    const deep = `${'['.repeat(5_000)}${']'.repeat(5_000)}`
    expect(scanner.scan(good.replace('"b"', `"b","u":${deep}`))).toBeUndefined()
  })
})
