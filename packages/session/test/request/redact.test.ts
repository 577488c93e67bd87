import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactPath } from '../../src/index.ts'
import { escapeUntrusted } from '../../src/encode/escape.ts'
import { userAgentFamily } from '../../src/request/user-agent.ts'
import { cutUtf8, utf8Length } from '../../src/utf8.ts'
import { anyText } from '../arbitraries.ts'
import { createTestPseudonymizer } from '../keyed.ts'

const pseudonyms = createTestPseudonymizer()
const redact = (path: string): string => redactPath(path, pseudonyms)
const hidden = (segment: string): string => `~${pseudonyms.pseudonymOf('path', '', segment)}`

describe('a path without a route template', () => {
  it.each([
    '/',
    '/v1/orders',
    '/api/v2/order-items/index.html',
    '/oauth2/token',
    '/reports/2026/11/',
    '/getUserAccountSettings',
  ])('keeps the names of %s', (path) => {
    expect(redact(path)).toBe(path)
  })

  it.each([
    '01a20a23-1100-7c3e-9d0b-6f1e5a2c8b94',
    '12345',
    '4111111111111111',
    'alice@example.com',
    'alice%40example.com',
    'eyJhbGciOiJFUzI1NiJ9',
    'dGhpcyBpcyBhIHNlY3JldA==',
    'k3j9x2ab',
    'zoë',
    'a;jsessionid=1',
    '.',
    '..',
    'x'.repeat(65),
    '\u0007',
  ])('makes a pseudonym of %j', (segment) => {
    expect(redact(`/v1/orders/${segment}`)).toBe(`/v1/orders/${hidden(segment)}`)
  })

  it('drops query and fragment', () => {
    expect(redact('/v1/orders?access_token=x')).toBe('/v1/orders')
    expect(redact('/v1/orders#x')).toBe('/v1/orders')
  })

  it('ends after 32 segments', () => {
    expect(redact('/a'.repeat(10_000))).toBe(`${'/a'.repeat(32)}/...`)
  })

  it('never holds anything but names, numbers and pseudonyms', () => {
    fc.assert(
      fc.property(fc.array(anyText), (segments) => {
        expect(redact(`/${segments.join('/')}`)).toMatch(
          /^(?:\/(?:[A-Za-z0-9._-]*|~[A-Za-z0-9_-]{22}))+$/,
        )
      }),
    )
  })
})

describe('text that nobody has verified', () => {
  it('shows control and direction characters as escapes', () => {
    expect(escapeUntrusted('a\nb\u202e\\', 128)).toBe('a\\u000ab\\u202e\\\\')
  })

  it('is well-formed, bounded and without control characters, whatever it was', () => {
    fc.assert(
      fc.property(anyText, fc.nat(64), (text, maxBytes) => {
        const safe = escapeUntrusted(text.repeat(3), maxBytes)
        expect(safe.isWellFormed()).toBe(true)
        expect(utf8Length(safe)).toBeLessThanOrEqual(maxBytes)
        expect(safe).toMatch(/^[^\p{Cc}]*$/u)
      }),
    )
  })
})

describe('bytes of UTF-8', () => {
  const wellFormed = anyText.map((text) => text.toWellFormed())
  const encoder = new TextEncoder()

  it('are counted as TextEncoder does', () => {
    fc.assert(
      fc.property(wellFormed, (text) => {
        expect(utf8Length(text)).toBe(encoder.encode(text).length)
      }),
    )
  })

  it('are cut to the longest whole beginning', () => {
    fc.assert(
      fc.property(wellFormed, fc.nat(60), (text, maxBytes) => {
        const cut = cutUtf8(text, maxBytes)
        expect(text.startsWith(cut)).toBe(true)
        expect(utf8Length(cut)).toBeLessThanOrEqual(maxBytes)
        const [next] = text.slice(cut.length)
        expect(next === undefined || utf8Length(cut + next) > maxBytes).toBe(true)
      }),
    )
  })
})

describe('the family of a user agent', () => {
  it.each([
    [
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0',
      'Edge',
    ],
    [
      'Mozilla/5.0 (X11) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
      'Chrome',
    ],
    [
      'Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/605.1.15',
      'Safari',
    ],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox'],
    ['curl/8.10.1', 'curl'],
    ['node', 'node'],
    ['undici', 'undici'],
    ['python-requests/2.32.3', 'python-requests'],
    ['okhttp/4.12.0', 'okhttp'],
    ['Go-http-client/1.1', 'Go-http-client'],
    ['axios/1.7.7', 'axios'],
    ['PostmanRuntime/7.43.0', 'Postman'],
    ['x'.repeat(100_000), 'other'],
    ['alice', 'other'],
  ])('of %s is %s', (userAgent, family) => {
    expect(userAgentFamily(userAgent)).toBe(family)
  })
})
