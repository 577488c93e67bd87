import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { formatFilterRoute, formatRoute, parseRoute, type Route } from '../../page/src/router.ts'

describe('parseRoute', () => {
  it('takes the empty fragment for the list of sessions', () => {
    const sessions: Route = { view: 'sessions', filters: [], activity: 'all' }
    for (const hash of ['', '#', '#/', '#/sessions']) expect(parseRoute(hash)).toEqual(sessions)
  })

  it('reads filters and activity', () => {
    expect(parseRoute('#/sessions?client=web&exclude-route=%2Fhealth&active=false')).toEqual({
      view: 'sessions',
      activity: 'ended',
      filters: [
        { name: 'client', value: 'web', exclude: false },
        { name: 'route', value: '/health', exclude: true },
      ],
    })
  })

  it('reads back the id of any record or session', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (id) => {
        const record: Route = { view: 'record', uid: id }
        const session: Route = { view: 'session', id }
        expect(parseRoute(formatRoute(record))).toEqual(record)
        expect(parseRoute(formatRoute(session))).toEqual(session)
      }),
    )
  })

  it('reads back every list', () => {
    const filters = [{ name: 'scope', value: 'a&b=c #', exclude: true }] as const
    for (const route of [
      { view: 'sessions', filters, activity: 'active' },
      { view: 'records', filters },
      { view: 'refusals', filters: [] },
      { view: 'logs' },
    ] satisfies Route[]) {
      expect(parseRoute(formatRoute(route))).toEqual(route)
    }
  })

  it('knows what is no view of the page', () => {
    for (const hash of ['#/nothing', '#/logs/x', '#/sessions/a/b', '#/records/%E0%A4%A']) {
      expect(parseRoute(hash)).toEqual({ view: 'unknown', hash })
    }
  })
})

describe('formatFilterRoute', () => {
  it('leads to everything that has the value', () => {
    expect(formatFilterRoute('sessions', 'scope', 'orders:read')).toBe(
      '#/sessions?scope=orders%3Aread',
    )
    expect(formatFilterRoute('records', 'trace', 'ab')).toBe('#/records?trace=ab')
  })
})
