import { isObject } from './claims.ts'

/** Header facts of a JWT. Of one that nobody verified they are attacker input. */
export interface JwtHeaderFacts {
  readonly keyId?: string
  readonly algorithm?: string
}

const MAX_HEADER_LENGTH = 4_096
const MAX_VALUE_LENGTH = 128

/** Reads `kid` and `alg` (RFC 7515 §4.1) of a protected header that has been decoded. */
export function toHeaderFacts(header: unknown): JwtHeaderFacts {
  if (!isObject(header)) return {}
  const { kid, alg } = header
  return {
    ...(isShortText(kid) ? { keyId: kid } : {}),
    ...(isShortText(alg) ? { algorithm: alg } : {}),
  }
}

/**
 * Decodes `kid` and `alg` of a compact JWS or JWE without verifying anything. The payload is not
 * looked at: claims that nobody verified are read nowhere.
 *
 * @returns Nothing for an opaque token, a header that is not JSON, or one past 4,096 characters.
 */
export function decodeHeaderFacts(token: string): JwtHeaderFacts {
  const end = token.indexOf('.')
  if (end < 1 || end > MAX_HEADER_LENGTH) return {}
  try {
    return toHeaderFacts(JSON.parse(Buffer.from(token.slice(0, end), 'base64url').toString('utf8')))
  } catch {
    return {}
  }
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_VALUE_LENGTH
}
