import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  findPresentedToken,
  parseAuthorization,
  parseQueryToken,
} from '../../src/inbound/authorization.ts'

describe('parseAuthorization', () => {
  it.each([
    ['Bearer abc.def.ghi', { scheme: 'bearer', token: 'abc.def.ghi' }],
    ['bearer   abc', { scheme: 'bearer', token: 'abc' }],
    ['DPoP abc==', { scheme: 'dpop', token: 'abc==' }],
    ['BEARER\tabc', { scheme: 'bearer', token: 'abc' }],
    ['Bearer abc, Basic x', { scheme: 'bearer', token: 'abc' }],
  ])('reads %j', (header, expected) => {
    expect(parseAuthorization(header)).toEqual(expected)
  })

  it.each([undefined, '', 'Bearer', 'Bearer ', 'Basic dXNlcjpwYXNz', 'Bearerabc', ' Bearer abc'])(
    'finds no token in %j',
    (header) => {
      expect(parseAuthorization(header)).toBeUndefined()
    },
  )

  it('finds a token of any length, so that a long one is no way around the record', () => {
    expect(parseAuthorization(`Bearer ${'a'.repeat(1_000_000)}`)?.token).toHaveLength(1_000_000)
  })

  it('finds any token after either scheme, and never one with a space', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Bearer', 'bearer', 'DPoP', 'dpop'),
        fc.stringMatching(/^[A-Za-z0-9._~+/-]{1,200}={0,2}$/),
        fc.string(),
        (scheme, token, rest) => {
          expect(parseAuthorization(`${scheme} ${token} ${rest}`)?.token).toBe(token)
        },
      ),
    )
    fc.assert(
      fc.property(fc.string(), (header) => {
        const presented = parseAuthorization(header)
        if (presented === undefined) return
        expect(presented.token).not.toMatch(/[\s,]/)
        expect(header).toContain(presented.token)
      }),
    )
  })
})

describe('parseQueryToken', () => {
  it.each([
    ['/orders?access_token=abc', 'abc'],
    ['/orders?a=b&access_token=abc.def~-_&c', 'abc.def~-_'],
    ['/orders?access_token=ab%2Bc%3D#x', 'ab+c='],
    ['ws://x/?access_token=abc', 'abc'],
  ])('reads the token of %s', (target, token) => {
    expect(parseQueryToken(target)).toEqual({ scheme: 'query', token })
  })

  it.each([
    undefined,
    '',
    '/orders',
    '/access_token=abc',
    '/access_token=abc?x',
    '/orders?access_token=',
    '/orders?access_token=%E0%A4%A',
    '/orders?access_token=a%0Ab',
    '/orders?access_token=a&access_token=b',
    '/orders?my_access_token=abc',
    '/orders#access_token=abc',
    `/orders?access_token=${'a'.repeat(16_385)}`,
  ])('finds no token in %s', (target) => {
    expect(parseQueryToken(target)).toBeUndefined()
  })
})

describe('parseQueryToken, whatever the target', () => {
  it('finds the token that was put there, and otherwise none that is no token', () => {
    const token = fc.stringMatching(/^[A-Za-z0-9\-._~+/]{1,60}={0,2}$/)
    const other = fc.webQueryParameters().filter((text) => !text.includes('access_token='))
    fc.assert(
      fc.property(token, other, other, (value, before, after) => {
        const parameter = `access_token=${encodeURIComponent(value)}`
        const target = `/path?${before}&${parameter}&${after}`
        expect(parseQueryToken(target)).toEqual({ scheme: 'query', token: value })
      }),
    )
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = parseQueryToken(`/?access_token=${text}`)
        expect(found?.token ?? 'none').toMatch(/^[A-Za-z0-9\-._~+/]+=*$/)
      }),
    )
  })
})

describe('findPresentedToken', () => {
  it('prefers the Authorization field to the query', () => {
    const url = '/?access_token=query'
    expect(findPresentedToken({ url, headers: {}, socket: undefined })?.token).toBe('query')
    const headers = { authorization: 'Bearer header' }
    expect(findPresentedToken({ url, headers, socket: undefined })?.token).toBe('header')
  })
})
