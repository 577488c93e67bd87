import { describe, expect, it } from 'vitest'
import { LIBRARIES } from '../../src/libraries/table.ts'
import { isInRange } from '../../src/hooks/version-range.ts'

describe('a range of versions', () => {
  it.each([
    ['1.7.0', true],
    ['1.32.2', true],
    ['1.10.0-beta.1', true],
    ['1.6.9', false],
    ['2.0.0', false],
    ['2.0.0-alpha.1', false],
    ['unknown', false],
  ])('of 1.7.0 up to 2 has %s: %s', (version, isIn) => {
    expect(isInRange(version, '>=1.7.0 <2')).toBe(isIn)
  })

  it('has one form for every library', () => {
    for (const { versions } of LIBRARIES) {
      for (const range of versions) expect(range).toMatch(/^>=\d+\.\d+\.\d+ <\d+$/)
    }
  })
})
