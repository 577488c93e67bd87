import fc from 'fast-check'
import { isIP } from 'node:net'
import { describe, expect, it } from 'vitest'
import { resolveClientAddress } from '../../src/inbound/client-address.ts'

describe('resolveClientAddress', () => {
  it.each([
    ['10.0.0.1', '203.0.113.9', 0, '10.0.0.1'],
    ['::ffff:10.0.0.1', undefined, 0, '10.0.0.1'],
    ['fe80::1%eth0', undefined, 0, 'fe80::1'],
    ['10.0.0.1', '203.0.113.9', 1, '203.0.113.9'],
    ['10.0.0.1', 'forged, 198.51.100.7, 203.0.113.9', 1, '203.0.113.9'],
    ['10.0.0.1', 'forged, 198.51.100.7, 203.0.113.9', 2, '198.51.100.7'],
    // The walk ends before what is no address: the forged entry never counts.
    ['10.0.0.1', 'forged, 198.51.100.7, 203.0.113.9', 3, '198.51.100.7'],
    ['10.0.0.1', '203.0.113.9', 5, '203.0.113.9'],
    ['10.0.0.1', undefined, 2, '10.0.0.1'],
    ['10.0.0.1', '', 1, '10.0.0.1'],
    ['10.0.0.1', '203.0.113.9:4711', 1, '203.0.113.9'],
    ['10.0.0.1', '[2001:db8::1]:4711', 1, '2001:db8::1'],
    ['10.0.0.1', '2001:db8::1', 1, '2001:db8::1'],
    [undefined, '203.0.113.9', 1, '203.0.113.9'],
    [undefined, undefined, 0, undefined],
  ])('peer %s, header %s, %i hops: %s', (peer, header, hops, expected) => {
    expect(resolveClientAddress(peer, header, hops)).toBe(expected)
  })

  it('answers with the peer or an address, whatever the header says', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 16 }), (header, hops) => {
        const address = resolveClientAddress('10.0.0.1', header, hops)
        expect(isIP(address ?? '')).not.toBe(0)
      }),
    )
  })
})
