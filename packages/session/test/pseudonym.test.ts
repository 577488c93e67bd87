import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPseudonymizer, formatPseudonymKey, type PseudonymKind } from '../src/index.ts'
import { anyText } from './arbitraries.ts'
import { createTestPseudonymizer, hmac } from './keyed.ts'

const AS = 'https://as.example.com'

describe('pseudonyms', () => {
  // Computed by an independent script: HMAC-SHA-256 over the JSON array, first 16 bytes, base64url.
  it.each<[PseudonymKind, string, string, string]>([
    ['sub', AS, 'alice', 'HVH65NCLXG4clOzOQjqOMw'],
    ['sub', AS, 'zoë "z"', 'FpMCFH5tFEAe00ehSjbu7g'],
    ['sid', AS, '08a5019c-17e1-4977-8f42-65a12843ea02', 'gxgQisZxeJWhc2c5hQDJ9A'],
    ['grant', AS, 'g-1', 'WYwD6ks-Pa5f-rEVPpI5mA'],
    ['token', '', 'mF_9.B5f-4.1JqM', 'c6QVfcac9xOURK8FSzDdFg'],
    ['key', '', '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I', 'AKb82G6z2Z_4RPZiWy_0_w'],
    ['address', '', '192.0.2.7', 'Y1rVDnFOj4pE0KHuKoz1MQ'],
    ['user_agent', '', 'curl/8.10.1', '-xo0NvFSXPQOX5WddQfL8g'],
  ])('of kind %s are the published vectors', (kind, issuer, value, pseudonym) => {
    const pseudonyms = createTestPseudonymizer()
    expect(pseudonyms.pseudonymOf(kind, issuer, value)).toBe(pseudonym)
    expect(pseudonyms.pseudonymOf(kind, issuer, value)).toBe(pseudonym)
  })

  it('are the first 16 bytes of the hash, remembered or not', () => {
    const pseudonyms = createPseudonymizer({ hmac, keyId: 'test', maxCachedPerKind: 2 })
    const kind = fc.constantFrom<PseudonymKind>('sub', 'sid', 'address', 'user_agent', 'token')
    fc.assert(
      fc.property(kind, anyText, anyText, (kind, issuer, value) => {
        const whole = hmac(JSON.stringify([kind, issuer.toWellFormed(), value.toWellFormed()]))
        const expected = Buffer.from(whole, 'base64url').subarray(0, 16).toString('base64url')
        expect(pseudonyms.pseudonymOf(kind, issuer, value)).toBe(expected)
        expect(pseudonyms.pseudonymOf(kind, issuer, value)).toBe(expected)
      }),
    )
  })

  it('keep issuers apart whose name and value run together', () => {
    const pseudonyms = createTestPseudonymizer()
    const seen = new Set([
      pseudonyms.pseudonymOf('sub', 'ab', 'c'),
      pseudonyms.pseudonymOf('sub', 'a', 'bc'),
      pseudonyms.pseudonymOf('sub', '', 'abc'),
      pseudonyms.pseudonymOf('sub', '', '1 abc'),
      pseudonyms.pseudonymOf('sid', 'ab', 'c'),
    ])
    expect(seen.size).toBe(5)
  })

  it('hash a repeated address once and a repeated token each time', () => {
    const hashed: string[] = []
    const pseudonyms = createPseudonymizer({
      hmac(data) {
        hashed.push(data)
        return hmac(data)
      },
      keyId: 'test',
    })
    for (const kind of ['address', 'token'] as const) {
      pseudonyms.pseudonymOf(kind, '', 'x')
      pseudonyms.pseudonymOf(kind, '', 'x')
    }
    expect(hashed).toStrictEqual(['["address","","x"]', '["token","","x"]', '["token","","x"]'])
  })

  it('name their key by id and epoch', () => {
    expect(createPseudonymizer({ hmac, keyId: 'k', epoch: 3 }).key).toBe('k.3')
    expect(formatPseudonymKey('a.b', 1)).toBe('a.b.1')
  })

  it.each([
    ['keyId', { keyId: '' }],
    ['keyId', { keyId: 'a b' }],
    ['epoch', { epoch: 0 }],
    ['hmac', { hmac: 'x' as never }],
    ['maxCachedPerKind', { maxCachedPerKind: 0 }],
  ])('refuse a wrong %s', (option, change) => {
    expect(() => createPseudonymizer({ hmac, keyId: 'k', ...change })).toThrow(
      `"${option}" must be`,
    )
  })

  it('refuse a hash of another length', () => {
    const short = createPseudonymizer({ hmac: () => 'abc', keyId: 'k' })
    expect(() => short.pseudonymOf('sub', '', 'x')).toThrow('"hmac" must return 32 bytes')
  })
})
