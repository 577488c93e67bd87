import { describe, expect, it } from 'vitest'
import { readProofId } from '../../src/inbound/dpop-proof.ts'

const proofOf = (claims: unknown): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2ln`

describe('the id of a DPoP proof', () => {
  it('is its jti', () => {
    expect(readProofId(proofOf({ jti: 'e1j3V_bKic8-LAEB', htm: 'GET' }))).toBe('e1j3V_bKic8-LAEB')
  })

  it.each([
    ['', 'x', 'a.b', 'a.b.c', 'a.b.c.d', 'e30..c2ln'],
    [proofOf(null), proofOf([]), proofOf({}), proofOf({ jti: 7 }), proofOf({ jti: '' })],
    [proofOf({ jti: 'x'.repeat(257) }), proofOf({ jti: 'a', pad: 'x'.repeat(9_000) })],
  ])('is none of what is no proof, or a hostile one', (...proofs) => {
    expect(proofs.map(readProofId)).toEqual(proofs.map(() => undefined))
  })
})
