import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseTimeArgument } from '../src/time-argument.ts'

const MILLI = 1_000_000n

it.each([
  ['2026-11-24', Date.UTC(2026, 10, 24)],
  ['2026-11-24T10:00', Date.UTC(2026, 10, 24, 10)],
  ['2026-11-24T10:00:05', Date.UTC(2026, 10, 24, 10, 0, 5)],
  ['2026-11-24T10:00:05Z', Date.UTC(2026, 10, 24, 10, 0, 5)],
  ['2026-11-24T10:00:05+01:00', Date.UTC(2026, 10, 24, 9, 0, 5)],
  ['2024-02-29', Date.UTC(2024, 1, 29)],
])('reads %s, as UTC when it names no zone', (text, millis) => {
  expect(parseTimeArgument('until', text)).toBe(BigInt(millis) * MILLI)
})

it('keeps every digit of a fraction of a second', () => {
  const start = parseTimeArgument('until', '2026-11-24T10:00:00Z')
  expect(parseTimeArgument('until', '2026-11-24T10:00:00.123456789Z') - start).toBe(123456789n)
  expect(parseTimeArgument('until', '2026-11-24T10:00:00.5') - start).toBe(500_000_000n)
})

it('is the inverse of toISOString', () => {
  const dates = fc.date({
    min: new Date('1970-01-01'),
    max: new Date('9999-12-31'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(dates, (date) => {
      expect(parseTimeArgument('until', date.toISOString())).toBe(BigInt(date.getTime()) * MILLI)
    }),
  )
})

it.each([
  '',
  'yesterday',
  '2h',
  '2026-02-29',
  '2026-02-31T10:00:00Z',
  '2026-13-01',
  '2026-11-24T25:00',
  '2026-11-24T10:60',
  '2026-11-24T10',
  '2026-11-24 10:00',
  '2026-11-24T10:00:00.1234567890Z',
  '1795470000000000000',
  '2026-11-24Z',
])('refuses "%s", naming flag and value', (text) => {
  expect(() => parseTimeArgument('until', text)).toThrow(
    expect.objectContaining({
      code: 'ERR_CLI_USAGE',
      message: `--until must be a time such as 2026-11-24T10:00:00Z, not "${text}"`,
    }),
  )
})
