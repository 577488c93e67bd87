import { expect, it } from 'vitest'
import { findNearestName } from '../src/nearest-name.ts'

it('counts insertions, deletions and substitutions', () => {
  const known = ['verify', 'search', 'doctor']
  expect(findNearestName('vrify', known)).toBe('verify')
  expect(findNearestName('seaarch', known)).toBe('search')
  expect(findNearestName('docter', known)).toBe('doctor')
})

it('names the first of several that are equally near', () => {
  expect(findNearestName('b', ['a', 'c'])).toBe('a')
})

it('names nothing that is farther away than allowed', () => {
  expect(findNearestName('doct', ['doctor'], 2)).toBe('doctor')
  expect(findNearestName('doc', ['doctor'], 2)).toBeUndefined()
  expect(findNearestName('doc', [])).toBeUndefined()
})
