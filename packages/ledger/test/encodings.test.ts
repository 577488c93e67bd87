import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  canonicalize,
  createMerkleTree,
  decodeRoutes,
  encodeRoutes,
  formatBase64,
  formatBase64Url,
  formatHex,
  hashLeaf,
  parseBase64,
  parseBase64Url,
  parseHex,
} from '../src/index.ts'
import vectors from './vectors/jcs.json' with { type: 'json' }

const invalid = expect.objectContaining({ code: 'ERR_LEDGER_ENCODING_INVALID' })

describe('base64 and hex', () => {
  test('are inverses of each other and agree with Buffer', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const buffer = Buffer.from(bytes)
        expect(formatBase64(bytes)).toBe(buffer.toString('base64'))
        expect(formatBase64Url(bytes)).toBe(buffer.toString('base64url'))
        expect(formatHex(bytes)).toBe(buffer.toString('hex'))
        expect(parseBase64(formatBase64(bytes))).toEqual(bytes)
        expect(parseBase64Url(formatBase64Url(bytes))).toEqual(bytes)
        expect(parseHex(formatHex(bytes))).toEqual(bytes)
      }),
    )
  })

  test.each(['A', 'AA', 'AAA', 'AA=', 'AB==', 'AAB=', 'A===', '====', 'AA==AAAA', 'AA ==', 'A-A='])(
    '"%s" is no canonical base64',
    (text) => expect(() => parseBase64(text)).toThrow(invalid),
  )

  test.each(['A', 'AB', 'AAB', 'AA==', 'A+AA', 'AA\n', 'AA\u0141A'])(
    '"%s" is no canonical base64url',
    (text) => expect(() => parseBase64Url(text)).toThrow(invalid),
  )

  test.each(['a', 'AB', 'zz', ' ab'])('"%s" is no canonical hex', (text) =>
    expect(() => parseHex(text)).toThrow(invalid),
  )
})

describe('canonical JSON', () => {
  test.each(vectors)('the reference pair "$name" holds', ({ input, output, outputHex }) => {
    const text = canonicalize(JSON.parse(input))
    expect(text).toBe(output)
    expect(Buffer.from(text).toString('hex')).toBe(outputHex)
  })

  test('members are sorted by UTF-16 code units, also those that look like integers', () => {
    expect(canonicalize({ 10: 1, 9: 2, '\u{1f600}': 3, '\ufb33': 4 })).toBe(
      '{"10":1,"9":2,"\u{1f600}":3,"\ufb33":4}',
    )
    expect(canonicalize(JSON.parse('{"__proto__":{"b":1},"a":2}'))).toBe(
      '{"__proto__":{"b":1},"a":2}',
    )
  })

  test.each([
    ['NaN', Number.NaN],
    ['Infinity', [1, Infinity]],
    ['a lone surrogate', { a: '\ud800' }],
    ['a lone surrogate in a name', { '\udc00': 1 }],
    ['undefined', [undefined]],
    ['a BigInt', { a: 1n }],
    ['a function', () => 1],
    ['a date', { a: new Date(0) }],
  ])('%s is a TypeError', (_, value) => {
    expect(() => canonicalize(value)).toThrow(TypeError)
  })

  test('nesting without end is a TypeError, not a stack overflow', () => {
    const loop: unknown[] = []
    loop.push(loop)
    expect(() => canonicalize(loop)).toThrow(TypeError)
  })

  test('it is a fixed point of parse', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = canonicalize(value)
        expect(canonicalize(JSON.parse(text))).toBe(text)
      }),
    )
  })
})

describe('routes', () => {
  test('encode joins equal neighbours, and decode takes what encode gives', () => {
    const runs = encodeRoutes([['*'], ['hipaa'], ['hipaa'], [], ['hipaa', 'pci']])
    expect(runs).toEqual([
      [1, ['*']],
      [2, ['hipaa']],
      [1, []],
      [1, ['hipaa', 'pci']],
    ])
    expect(decodeRoutes(runs, 5)).toEqual(runs)
  })

  test.each([
    [[[1, ['a']]], 2],
    [[[0, ['a']]], 0],
    [[[1.5, ['a']]], 1],
    [[[1, 'a']], 1],
    [[[1, [1]]], 1],
    [[1], 1],
    ['a', 1],
    [{}, 0],
  ])('%j is refused for %i leaves', (value, count) => {
    expect(() => decodeRoutes(value, count)).toThrow(
      expect.objectContaining({ code: 'ERR_LEDGER_RECORD_MALFORMED' }),
    )
  })
})

describe('the compact range', () => {
  test('a tree continued from any frontier has the root of the whole', () => {
    fc.assert(
      fc.property(fc.nat({ max: 70 }), fc.nat({ max: 70 }), (first, more) => {
        const whole = createMerkleTree()
        let continued = createMerkleTree()
        for (let i = 0; i < first + more; i++) {
          if (i === first) continued = createMerkleTree(whole.frontier())
          whole.append(hashLeaf(`${i}`))
          if (i >= first) continued.append(hashLeaf(`${i}`))
        }
        if (more === 0) continued = createMerkleTree(whole.frontier())
        expect(continued.size).toBe(first + more)
        expect(continued.root()).toEqual(whole.root())
      }),
    )
  })

  test('a frontier with one hash too many or too few, or of another length, is refused', () => {
    const hash = hashLeaf('a')
    for (const [size, hashes] of [
      [3, [hash]],
      [2, [hash, hash]],
      [1, [hash.subarray(1)]],
      [0, [hash]],
      [-1, []],
      [0.5, []],
    ] as const) {
      expect(() => createMerkleTree({ size, hashes })).toThrow(TypeError)
    }
    expect(() => createMerkleTree().append(hash.subarray(1))).toThrow(TypeError)
  })
})
