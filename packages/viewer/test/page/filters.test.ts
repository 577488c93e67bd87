import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  addFilter,
  FILTER_NAMES,
  formatFilters,
  isExcludable,
  parseChip,
  parseFilters,
  removeFilter,
  toggleExclude,
  type Filter,
} from '../../page/src/filters.ts'

const web: Filter = { name: 'client', value: 'web', exclude: false }
const notWeb: Filter = { ...web, exclude: true }

const anyFilter = fc
  .record({
    name: fc.constantFrom(...FILTER_NAMES),
    value: fc.string({ minLength: 1, unit: 'grapheme' }),
    exclude: fc.boolean(),
  })
  .map((filter) => ({ ...filter, exclude: filter.exclude && isExcludable(filter.name) }))

describe('parseFilters', () => {
  it('reads back every list of filters that was written', () => {
    fc.assert(
      fc.property(fc.array(anyFilter), (filters) => {
        const text = formatFilters(filters).toString()
        expect(parseFilters(new URLSearchParams(text))).toEqual(filters)
      }),
    )
  })

  it('leaves parameters alone that are no filters', () => {
    const params = new URLSearchParams('active=true&client=&exclude-from=2h&colour=red&client=web')
    expect(parseFilters(params)).toEqual([web])
  })
})

describe('formatFilters', () => {
  it('writes the names of the API', () => {
    const filters: Filter[] = [web, { name: 'route', value: '/v1/orders/:id', exclude: true }]
    expect(formatFilters(filters).toString()).toBe(
      'client=web&exclude-route=%2Fv1%2Forders%2F%3Aid',
    )
  })
})

describe('parseChip', () => {
  it('takes a bare value for the chosen field', () => {
    expect(parseChip(' alice ', 'user', false)).toEqual({
      name: 'user',
      value: 'alice',
      exclude: false,
    })
  })

  it('takes a field and its negation as they are typed', () => {
    expect(parseChip('-client:web', 'user', false)).toEqual(notWeb)
    expect(parseChip('client:web', 'user', true)).toEqual(notWeb)
  })

  it('does not take the scheme of an address or a scope for a field', () => {
    expect(parseChip('orders:read', 'scope', false)?.value).toBe('orders:read')
    expect(parseChip('https://as.example.com', 'client', false)?.value).toBe(
      'https://as.example.com',
    )
  })

  it('refuses an empty value', () => {
    expect(parseChip('  ', 'user', false)).toBeNull()
    expect(parseChip('client:', 'user', false)).toBeNull()
  })

  it('never excludes a bound in time', () => {
    expect(parseChip('-from:2h', 'user', true)).toEqual({
      name: 'from',
      value: '2h',
      exclude: false,
    })
  })
})

describe('addFilter', () => {
  it('replaces the same value and its opposite', () => {
    expect(addFilter([web], web)).toEqual([web])
    expect(addFilter([web], notWeb)).toEqual([notWeb])
  })

  it('keeps other values of the same field, for they mean or', () => {
    const cli: Filter = { name: 'client', value: 'cli', exclude: false }
    expect(addFilter([web], cli)).toEqual([web, cli])
  })

  it('keeps one bound of a kind', () => {
    const early: Filter = { name: 'from', value: '2h', exclude: false }
    const late: Filter = { name: 'from', value: '1h', exclude: false }
    expect(addFilter([early, web], late)).toEqual([web, late])
  })
})

describe('toggleExclude and removeFilter', () => {
  it('turn and remove the one filter in its place', () => {
    const user: Filter = { name: 'user', value: 'web', exclude: false }
    expect(toggleExclude([web, user], web)).toEqual([notWeb, user])
    expect(removeFilter([web, user], web)).toEqual([user])
  })
})
