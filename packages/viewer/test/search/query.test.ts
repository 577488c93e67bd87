import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ViewerError } from '../../src/errors.ts'
import { FILTER_NAMES } from '../../src/search/filters.ts'
import { formatCursor, parseSearchQuery } from '../../src/search/query.ts'
import { parseTime } from '../../src/search/time.ts'

const NOW = 1_795_470_000_000_000_000n
type Entries = readonly (readonly [string, string])[]

function errorOf(entries: Entries, prefix = ''): unknown {
  try {
    parseSearchQuery(entries, { now: NOW, prefix })
    return undefined
  } catch (error) {
    return error
  }
}

function problemOf(entries: Entries): string {
  const error = errorOf(entries, '--')
  if (!(error instanceof ViewerError)) throw new Error('the search was taken')
  return `${error.code} ${error.message}`
}

describe('parseSearchQuery', () => {
  it('gathers repeats of a filter and keeps its twin apart', () => {
    const query = parseSearchQuery(
      [
        ['status', '403'],
        ['status', '5XX'],
        ['status', '403'],
        ['exclude-method', 'get'],
        ['limit', '7'],
      ],
      { now: NOW },
    )
    expect(query).toEqual({
      include: { status: ['403', '5xx'] },
      exclude: { method: ['GET'] },
      limit: 7,
    })
  })

  it.each<[string, string, RegExp]>([
    ['status', '999', /^ERR_VIEWER_QUERY_INVALID "--status" must be a status code .* "999"/],
    ['exclude-status', 'abc', /"--exclude-status" must be/],
    ['trace', 'xyz', /"--trace" must be 32 hex digits/],
    ['token', 'short', /"--token" must be a fingerprint/],
    ['session', 'short', /"--session" must be 22 characters/],
    ['method', 'G E T', /"--method" must be an HTTP method/],
    ['event', 'Oauth', /"--event" must be an event name/],
    ['scope', 'a b', /"--scope" must be one scope/],
    ['limit', '0', /"--limit" must be an integer from 1 to 1000/],
    ['limit', '1001', /"--limit" must be an integer/],
    ['from', 'yesterday', /"--from" must be a date/],
    ['to', '2026-02-31', /"--to" must be a date/],
    ['before', 'x', /"--before" must be the "next"/],
    ['colour', 'red', /"--colour" is no filter: use --user, --client/],
    ['exclude-from', '2h', /"--exclude-from" is no filter/],
    ['user', '', /"--user" must be 1 to 1024 characters/],
  ])('names %s, the value %s and the allowed form', (name, value, message) => {
    expect(problemOf([[name, value]])).toMatch(message)
  })

  it('never repeats a value that is long enough to be a credential', () => {
    const secret = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln'
    for (const name of [...FILTER_NAMES, 'from', 'to', 'limit', 'before']) {
      const value = name === 'scope' ? `${secret} ${secret}` : `\n${secret}`
      expect(problemOf([[name, value]])).not.toContain(secret)
    }
  })

  it('refuses a range that is empty, and a bound given twice', () => {
    expect(
      problemOf([
        ['from', '1h'],
        ['to', '2h'],
      ]),
    ).toMatch(/"--from" must lie before "--to"/)
    expect(
      problemOf([
        ['from', '1h'],
        ['from', '2h'],
      ]),
    ).toMatch(/may be given once/)
  })

  it('reads a cursor that it wrote', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 62n }), fc.nat(), (time, id) => {
        const before = formatCursor({ time, id })
        const query = parseSearchQuery([['before', before]], { now: NOW })
        expect(query.before).toEqual({ time, id })
      }),
    )
  })

  it('throws nothing but its own error', () => {
    const name = fc.oneof(fc.constantFrom(...FILTER_NAMES, 'from', 'limit', 'before'), fc.string())
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.string({ unit: 'binary' }))), (entries) => {
        const error = errorOf(entries)
        expect(error === undefined || error instanceof ViewerError).toBe(true)
      }),
    )
  })
})

describe('parseTime', () => {
  it.each([
    ['2026-11-24', '1795478400000000000'],
    ['2026-11-24T10:00Z', '1795514400000000000'],
    ['2026-11-24T10:00:00.123456789Z', '1795514400123456789'],
    ['2026-11-24T10:00:00+02:00', '1795507200000000000'],
    ['1795470000123456789', '1795470000123456789'],
    ['90s', String(NOW - 90_000_000_000n)],
    ['2h', String(NOW - 7_200_000_000_000n)],
  ])('reads %s', (text, nanos) => {
    expect(parseTime(text, NOW)).toBe(BigInt(nanos))
  })

  it.each(['', '2026', '2026-13-01', '2026-02-30', '24-11-2026', '2026-11-24T10:00', '5y', '-2h'])(
    'does not guess what %j means',
    (text) => {
      expect(parseTime(text, NOW)).toBeUndefined()
    },
  )
})
