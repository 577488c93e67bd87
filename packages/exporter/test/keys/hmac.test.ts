import { createHmac as nodeHmac, createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHmac } from '../../src/keys/hmac.ts'

/** RFC 4231, test cases 1 to 4, 6 and 7 as far as their data is text: key, data, HMAC-SHA-256. */
const VECTORS: readonly (readonly [string, string, string, string])[] = [
  [
    '1',
    '0b'.repeat(20),
    'Hi There',
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    '2',
    Buffer.from('Jefe').toString('hex'),
    'what do ya want for nothing?',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    '6, a key longer than a block',
    'aa'.repeat(131),
    'Test Using Larger Than Block-Size Key - Hash Key First',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    '7, a key and data longer than a block',
    'aa'.repeat(131),
    'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  ],
]

describe('the keyed hash', () => {
  it.each(VECTORS)('is that of RFC 4231, case %s', (_, key, data, mac) => {
    const hmac = createHmac(createSecretKey(Buffer.from(key, 'hex')))
    expect(hmac(data)).toBe(Buffer.from(mac, 'hex').toString('base64url'))
  })

  it('is that of node:crypto for any key and text, one after the other', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      // Around the length that the kept buffer takes, at one to three bytes a unit.
      fc
        .tuple(fc.constantFrom('a', 'é', '€'), fc.integer({ min: 4_090, max: 4_100 }))
        .map(([unit, count]) => unit.repeat(count)),
    )
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.array(text), (key, texts) => {
        const secret = createSecretKey(key)
        const hmac = createHmac(secret)
        for (const data of texts) {
          const expected = nodeHmac('sha256', secret).update(data, 'utf8').digest('base64url')
          expect(hmac(data)).toBe(expected)
        }
      }),
    )
  })

  it('leaves the key as it is', () => {
    const secret = createSecretKey(Buffer.alloc(32, 7))
    createHmac(secret)
    expect(secret.export()).toEqual(Buffer.alloc(32, 7))
  })
})
