import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseChallenges } from '../../src/inbound/challenge.ts'

describe('parseChallenges', () => {
  it.each([
    ['Bearer', [{ scheme: 'bearer' }]],
    ['Bearer realm="example"', [{ scheme: 'bearer' }]],
    // RFC 6750 §3
    [
      'Bearer realm="example", error="invalid_token", error_description="The access token expired"',
      [{ scheme: 'bearer', error: 'invalid_token' }],
    ],
    [
      'Bearer error=insufficient_scope, scope="orders:read orders:write"',
      [{ scheme: 'bearer', error: 'insufficient_scope', scopes: ['orders:read', 'orders:write'] }],
    ],
    // RFC 9449 §7.1
    [
      'DPoP error="use_dpop_nonce", algs="ES256 PS256", Bearer realm="x", error="invalid_token"',
      [
        { scheme: 'dpop', error: 'use_dpop_nonce' },
        { scheme: 'bearer', error: 'invalid_token' },
      ],
    ],
    // RFC 9110 §11.6.1
    [
      'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
      [{ scheme: 'basic' }, { scheme: 'newauth' }],
    ],
    [
      'Negotiate YWJjZA==, Bearer error="x"',
      [{ scheme: 'negotiate' }, { scheme: 'bearer', error: 'x' }],
    ],
    ['Negotiate, Bearer', [{ scheme: 'negotiate' }, { scheme: 'bearer' }]],
    [', , Bearer error = "a" ,, scope = b', [{ scheme: 'bearer', error: 'a', scopes: ['b'] }]],
    ['BEARER ERROR="a", error="b"', [{ scheme: 'bearer', error: 'a' }]],
    ['Bearer error="a\\"b"', [{ scheme: 'bearer' }]],
    ['Bearer error="unterminated', [{ scheme: 'bearer' }]],
    ['Bearer error="a" error="b", Bearer error="c"', [{ scheme: 'bearer', error: 'a' }]],
    ['Bearer error="a, Bearer error=\\"b\\""', [{ scheme: 'bearer' }]],
    ['Bearer scope="a  b"', [{ scheme: 'bearer', scopes: ['a', 'b'] }]],
    ['Bearer scope=""', [{ scheme: 'bearer' }]],
    ['=', []],
    ['', []],
  ])('reads %j', (header, expected) => {
    expect(parseChallenges(header)).toEqual(expected)
  })

  it('reads several fields, in order', () => {
    expect(parseChallenges(['Basic realm="x"', 'Bearer error="invalid_token"'])).toEqual([
      { scheme: 'basic' },
      { scheme: 'bearer', error: 'invalid_token' },
    ])
  })

  it.each([undefined, null, 7, {}, [7]])('takes %j for no challenge', (header) => {
    expect(parseChallenges(header)).toEqual([])
  })

  it('keeps to its bounds', () => {
    expect(parseChallenges('Basic, '.repeat(100))).toHaveLength(8)
    expect(parseChallenges(`Bearer error="${'a'.repeat(129)}"`)).toEqual([{ scheme: 'bearer' }])
    expect(parseChallenges(`Bearer scope="${'s '.repeat(1_000)}"`)[0]?.scopes).toHaveLength(64)
    expect(parseChallenges(`Bearer ${'a=b, '.repeat(5_000)}`)).toEqual([])
  })

  it('reads back what it would write', () => {
    const word = fc.stringMatching(/^[a-z_]{1,20}$/)
    const challenge = fc.record({
      scheme: fc.constantFrom('bearer', 'dpop', 'basic'),
      error: word,
      scopes: fc.array(word, { minLength: 1, maxLength: 5 }),
    })
    fc.assert(
      fc.property(fc.array(challenge, { minLength: 1, maxLength: 8 }), (challenges) => {
        const header = challenges
          .map(
            ({ scheme, error, scopes }) =>
              `${scheme} error="${error}", scope="${scopes.join(' ')}"`,
          )
          .join(', ')
        expect(parseChallenges(header)).toEqual(challenges)
      }),
    )
  })

  it('survives hostile headers and returns only printable, bounded values', () => {
    const piece = fc.constantFrom(
      'Bearer ',
      'error=',
      '"',
      '\\',
      ',',
      '=',
      ' ',
      'scope="a b"',
      'é',
      '\t',
      '\u0000',
    )
    fc.assert(
      fc.property(
        fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 60 }),
        (pieces) => {
          for (const { scheme, error, scopes } of parseChallenges(pieces.join(''))) {
            for (const value of [scheme, error ?? 'x', ...(scopes ?? [])]) {
              expect(value).toMatch(/^[\x20-\x7e]{1,128}$/)
            }
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })

  it('takes time in proportion to the header', () => {
    // Each of these made a backtracking parser quadratic or worse; the test's own limit guards it.
    for (const unit of ['a', 'a=', '"\\', ' ', ',', 'a, ', '"a" ']) {
      parseChallenges(`Bearer ${unit.repeat(8_000 / unit.length)}`)
    }
    expect(parseChallenges(`Bearer ${'a'.repeat(8_000)}`)).toEqual([{ scheme: 'bearer' }])
  })
})
