import type { IncomingMessage } from 'node:http'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findPath, findRoute } from '../../src/inbound/route.ts'

const NEXT = Symbol.for('NextInternalRequestMeta')

const request = (members: object): IncomingMessage => members as IncomingMessage

describe('findRoute', () => {
  it.each([
    [{ route: { path: '/orders/:id' }, baseUrl: '' }, '/orders/:id'],
    [{ route: { path: '/orders/:id' }, baseUrl: '/v1' }, '/v1/orders/:id'],
    [{ route: { path: '/' }, baseUrl: '/v1/orders' }, '/v1/:param'],
    [{ route: { path: '/orders' }, baseUrl: '/tenants/8f14e45f-ceea' }, '/:param/:param/orders'],
    [{ route: { path: /^\/orders/ }, baseUrl: '' }, undefined],
    [{ route: { path: ['/a', '/b'] }, baseUrl: '' }, undefined],
    [{ route: null }, undefined],
    [{ [NEXT]: { match: { definition: { pathname: '/api/orders/[id]' } } } }, '/api/orders/[id]'],
    [{ [NEXT]: { match: { definition: { pathname: '/_not-found' } } } }, undefined],
    [{ [NEXT]: { match: null } }, undefined],
    [{ [NEXT]: 7 }, undefined],
    [{}, undefined],
  ])('of %j is %s', (members, expected) => {
    const decision = { request: request(members), route: undefined }
    expect(findRoute(decision, undefined)).toBe(expected)
  })

  it('prefers what a framework instrumentation found', () => {
    const decision = { request: request({ route: { path: '/x' } }), route: '/v2/:tenant/x' }
    expect(findRoute(decision, '/v1/:tenant/x')).toBe('/v1/:tenant/x')
    expect(findRoute(decision, undefined)).toBe('/v2/:tenant/x')
    expect(findRoute({ ...decision, route: '/*' }, undefined)).toBe('/x')
    expect(findRoute({ request: request({}), route: '*' }, undefined)).toBe('*')
  })

  it('finds none where the objects of a framework are broken', () => {
    const broken = {
      get route(): never {
        throw new Error('broken')
      },
    }
    expect(findRoute({ request: request(broken), route: undefined }, undefined)).toBeUndefined()
  })
})

describe('findPath', () => {
  it.each([
    [{ url: '/orders/7?access_token=secret' }, '/orders/7'],
    [{ url: '/orders#access_token=secret' }, '/orders'],
    [{ url: '/x', originalUrl: '/v1/x?y' }, '/v1/x'],
    [{ url: 'http://api.example.com/orders?q' }, '/orders'],
    [{ url: 'http://api.example.com?q' }, '/'],
    [{ url: '?q' }, '/'],
    [{ url: '*' }, '*'],
    [{}, undefined],
  ])('of %j is %s', (members, expected) => {
    expect(findPath(request(members))).toBe(expected)
  })

  it('never holds a query', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.string(), (path, query) => {
        expect(findPath(request({ url: `${path}?${query}` }))).toBe(
          path === '' ? '/' : path.slice(0, 1_024),
        )
      }),
    )
  })
})
