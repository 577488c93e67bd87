import { createHmac } from 'node:crypto'
import { createPseudonymizer, type Hmac, type Pseudonymizer } from '../src/index.ts'

/** The key of all vectors here: 32 bytes of 0x01. Public, never to be used. */
export const hmac: Hmac = (data) =>
  createHmac('sha256', Buffer.alloc(32, 1)).update(data).digest('base64url')

export function createTestPseudonymizer(): Pseudonymizer {
  return createPseudonymizer({ hmac, keyId: 'test' })
}
