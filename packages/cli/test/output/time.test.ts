import { expect, it } from 'vitest'
import { formatNanos } from '../../src/output/time.ts'

it.each([
  ['1795514400123456789', '2026-11-24T10:00:00.123Z'],
  [0n, '1970-01-01T00:00:00.000Z'],
  [null, '-'],
  [undefined, '-'],
  ['9'.repeat(40), '-'],
])('formats %s as %s', (nanos, text) => {
  expect(formatNanos(nanos)).toBe(text)
})
