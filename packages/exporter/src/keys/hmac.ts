import { type KeyObject, createHmac as createNodeHmac } from 'node:crypto'

/**
 * Makes the keyed hash that pseudonyms and session keys are built from: HMAC-SHA-256 (RFC 2104) of
 * the UTF-8 text, as base64url without padding.
 */
export function createHmac(key: KeyObject): (data: string) => string {
  return (data) => createNodeHmac('sha256', key).update(data).digest('base64url')
}
